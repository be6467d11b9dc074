// Getting at the microphone, and what goes with it: container, audio session, screen lock, the one AudioContext.

// Nothing plays while someone speaks, so there is no echo; and what cleans up noise also eats soft syllables and bends
// what is measured. A quiet microphone is helped.
const WISHES = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: true,
};
const CONTAINERS = [
  "audio/webm;codecs=opus",
  "audio/webm",
  "audio/mp4",
  "audio/mp4;codecs=opus",
  "audio/ogg;codecs=opus",
];
const HELP = [
  "NotAllowedError",
  "NotFoundError",
  "NotReadableError",
  "OverconstrainedError",
  "SecurityError",
];

const REMEMBERED = "opic-container";
const barren = new Set(); // types that gave no bytes on this page

let chosen = "";
let context = null;
let held = null; // a test keeps one microphone open from the check to the last answer

/** One for the whole page: browsers allow few, and 30 recordings in a row would use them up. */
export function audioContext() {
  context ??= new AudioContext();
  return context;
}

const isLive = (stream) => stream?.getAudioTracks().some(({ readyState }) => readyState === "live");

/** Opens it once for many recordings; `letGo` gives it back. */
export async function holdMicrophone() {
  if (!isLive(held)) held = await openMicrophone();
  return held;
}

export function letGo() {
  const stream = held;
  held = null;
  release(stream);
}

/** Resolves with a stream; rejects with an error whose `help` names the text that gets the person further. */
export async function openMicrophone() {
  if (isLive(held)) return held;
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) {
    throw Object.assign(new Error(), { help: isSecureContext ? "unsupported" : "insecure" });
  }
  setAudioSession("play-and-record");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: WISHES });
  } catch (error) {
    setAudioSession("auto");
    throw Object.assign(error, { help: HELP.includes(error.name) ? error.name : "microphone" });
  }
}

/** Gives the microphone back: no live track stays behind. */
export function release(stream) {
  if (stream && stream === held) return;
  stream?.getTracks().forEach((track) => track.stop());
  setAudioSession("auto");
}

/** iOS routes and quiets the sound by what the page says it does. */
export function setAudioSession(type) {
  if (navigator.audioSession) navigator.audioSession.type = type;
}

const isWebKit = () =>
  /AppleWebKit/.test(navigator.userAgent) && !/Chrom(e|ium)\//.test(navigator.userAgent);

/** WebKit's recorder loses up to a second where it is paused, and may leave a hole where it goes on. */
export const losesAtPause = isWebKit;

// Safari claims webm, records it, and then cannot play it: WebKit is asked for mp4 first.
const inOrder = () => {
  const types = isWebKit() ? ["audio/mp4", "audio/mp4;codecs=opus", ...CONTAINERS] : CONTAINERS;
  const supported = types.filter((type) => MediaRecorder.isTypeSupported(type));
  return supported.length ? supported : [""]; // the browser's own choice
};

const remembered = () => {
  try {
    return localStorage.getItem(REMEMBERED) ?? chosen;
  } catch {
    return chosen;
  }
};

/** The type to record in: the one that took another's place on this device, or the first that gave bytes so far. */
export function container() {
  const types = inOrder().filter((type) => !barren.has(type));
  return types.includes(remembered()) ? remembered() : types[0];
}

/** This type was claimed and gave nothing. Returns whether another one is left; if not, all may be tried again. */
export function rejectContainer(type) {
  barren.add(type);
  const isLeft = inOrder().some((one) => !barren.has(one));
  if (!isLeft) barren.clear();
  return isLeft;
}

/** This type gave bytes where others did not: from now on it is the first. */
export function rememberContainer(type) {
  if (!barren.size || type === remembered()) return;
  chosen = type;
  try {
    localStorage.setItem(REMEMBERED, type);
  } catch {
    // remembered for this page then
  }
}

/** Keeps the screen on between `on()` and `off()`; the browser drops the lock whenever the page is hidden. */
export class Awake {
  on() {
    this.isOn = true;
    document.addEventListener("visibilitychange", this);
    return this.handleEvent();
  }

  async handleEvent() {
    if (document.visibilityState !== "visible") return;
    try {
      const lock = await navigator.wakeLock?.request("screen");
      this.lock?.release();
      this.lock = lock;
      if (!this.isOn) this.off();
    } catch {
      // low battery or not allowed: the recording itself does not depend on it
    }
  }

  off() {
    this.isOn = false;
    document.removeEventListener("visibilitychange", this);
    this.lock?.release();
    this.lock = null;
  }
}
