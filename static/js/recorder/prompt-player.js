// <opic-prompt-player>: Ava asks. A stored neural or human file first, else the browser's own voice if it has
// English, else the stored file of the built-in voice.
import { setAudioSession } from "opic/recorder/microphone";
import { OpicElement } from "opic/shared/element";

const GOOD = new Set(["neural", "human"]);
const AGAIN = 700; // milliseconds until a sound that is being made is asked for again

/** The browser's English voice, once it has told which voices it has. */
function englishVoice() {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  return voices.find(({ lang, localService }) => localService && /^en[-_]/i.test(lang));
}

class PromptPlayer extends OpicElement {
  actions = { play: () => (this.dataset.state === "playing" ? this.stop() : this.play()) };

  connectedCallback() {
    super.connectedCallback();
    this.status = this.part("status");
    this.button = this.querySelector("[data-do=play]");
    globalThis.speechSynthesis?.getVoices(); // some browsers only load their voices when asked
    this.button.disabled = false; // a click before this would have gone nowhere
    this.show("idle");
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop();
  }

  show(state) {
    this.dataset.state = state;
    this.status.textContent = this.words(state);
  }

  async play() {
    const { src } = this;
    const voice = englishVoice();
    if (!GOOD.has(this.getAttribute("source")) && voice) return this.speak(voice);
    if (!src) return this.show("nothing");
    this.show("loading");
    setAudioSession("playback");
    this.tries = Number(this.getAttribute("tries") ?? 0);
    return this.load();
  }

  async load() {
    this.audio ??= this.follow(new Audio(this.src));
    this.audio.currentTime = 0;
    try {
      await this.audio.play();
    } catch ({ name }) {
      // a file that cannot be had has its own event
      if (name === "NotAllowedError") this.show("blocked");
    }
  }

  get src() {
    return this.getAttribute("src");
  }

  follow(audio) {
    audio.addEventListener("playing", () => this.began());
    audio.addEventListener("ended", () => this.ended());
    audio.addEventListener("error", () => this.fallBack());
    return audio;
  }

  /** The file may be made this moment (`tries` are left); else it is gone or cannot be reached: the browser's own
   *  voice, where it has one. */
  fallBack() {
    this.audio = undefined; // one that failed would not ask again
    if (this.dataset.state === "loading" && this.tries > 0) {
      this.tries -= 1;
      this.timer = setTimeout(() => this.load(), AGAIN);
      return;
    }
    const voice = englishVoice();
    if (voice) this.speak(voice);
    else this.show("failed");
  }

  speak(voice) {
    const spoken = new SpeechSynthesisUtterance(this.getAttribute("text"));
    Object.assign(spoken, { voice, lang: voice.lang, rate: 0.95 });
    spoken.onstart = () => this.began();
    spoken.onend = () => this.ended();
    spoken.onerror = () => this.show("failed");
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken);
  }

  began() {
    this.show("playing");
    this.dispatchEvent(new CustomEvent("prompt:playing", { bubbles: true }));
  }

  ended() {
    this.show("ended");
    this.dispatchEvent(new CustomEvent("prompt:ended", { bubbles: true }));
  }

  stop() {
    clearTimeout(this.timer);
    this.audio?.pause();
    globalThis.speechSynthesis?.cancel();
    if (this.dataset.state === "playing") this.show("ended");
  }
}

customElements.define("opic-prompt-player", PromptPlayer);
