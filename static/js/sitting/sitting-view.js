// What <opic-sitting> shows: stages, the state of a question in words, which buttons are there. Decides nothing.
import { wav } from "opic/shared/preview";
import { Waveform } from "opic/shared/waveform";
import { wordsOf } from "opic/shared/words";

const BUTTONS = {
  ready: ["play"],
  loading: [],
  playing: [],
  blocked: ["play"],
  starting: [],
  recording: ["replay", "next"],
  leaving: [],
  paused: ["unpause"],
  "no-microphone": ["again", "next"],
};

export class SittingView {
  constructor(host) {
    this.host = host;
    this.words = wordsOf(host);
    // one at the microphone check, one at the questions: neither shows what the other heard
    this.waves = new Map(
      ["check", "item"].map((stage) => {
        const [canvas, meter] = ["wave", "meter"].map((name) => this.part(name, stage));
        return [stage, new Waveform(canvas, meter)];
      }),
    );
  }

  get wave() {
    return this.waves.get(this.host.stageName) ?? this.waves.get("item");
  }

  close() {
    for (const wave of this.waves.values()) wave.close();
  }

  part(name, stage = "") {
    const within = stage && `[data-stage-name="${stage}"] `;
    return this.host.querySelector(`${within}[data-part="${name}"]`);
  }

  buttons(name) {
    return [...this.host.querySelectorAll(`[data-do="${name}"]`)];
  }

  stage(name, place = "") {
    const { host } = this;
    host.stageName = host.dataset.stage = name;
    for (const section of host.querySelectorAll("[data-stage-name]")) {
      section.hidden = section.dataset.stageName !== name;
    }
    for (const wave of this.waves.values()) wave.clear();
    this.part("place").textContent = place;
    this.warn("");
    if (name === "item" || name === "check") return;
    host.querySelector(`[data-stage-name="${name}"] h1`)?.focus({ preventScroll: true });
  }

  item(state, more = {}) {
    const { host } = this;
    const { hasPart = false, help = "" } = more;
    const hadFocus = host.contains(document.activeElement);
    host.dataset.state = state;
    this.#show(state, { mayLeave: hasPart, ...more });
    this.say(hasPart && state === "ready" ? "ready-part" : state);
    this.warn(help);
    if (hadFocus && (document.activeElement === document.body || document.activeElement.hidden))
      this.#focus(state);
  }

  // the question to try is none of the test's: neither paused nor handed in
  #show(state, { mayReplay = false, mayLeave, isRelaxed = false, isSample = false }) {
    const names = new Set(BUTTONS[state]);
    if (!mayReplay) names.delete("replay");
    if (mayLeave && !["leaving", "paused"].includes(state)) names.add("next");
    if (isRelaxed && !isSample && state === "ready") names.add("pause");
    for (const name of ["play", "replay", "next", "again", "pause", "unpause"]) {
      for (const button of this.buttons(name)) {
        button.hidden = !names.has(name);
        button.disabled = name === "next" && state === "recording" && !mayLeave;
      }
    }
    this.part("early").hidden = isSample;
  }

  #focus(state) {
    const name = BUTTONS[state][0];
    const button = name && this.buttons(name).find(({ hidden, disabled }) => !hidden && !disabled);
    const status = this.host.querySelector('.sitting-item [data-part="status"]');
    (button ?? status).focus({ preventScroll: true });
  }

  allow(name, is) {
    for (const button of this.buttons(name)) {
      if (name === "replay") button.hidden = !is;
      else button.disabled = !is;
    }
  }

  busy(name, is) {
    for (const button of this.buttons(name)) button.disabled = is;
  }

  say(key, n) {
    const text = this.words(key, n);
    for (const status of this.host.querySelectorAll(
      '[data-stage-name]:not([hidden]) [data-part="status"]',
    )) {
      status.dataset.says = key;
      if (status.textContent !== text) status.textContent = text;
    }
  }

  warn(key) {
    const notice = this.part("notice");
    notice.textContent = key ? this.words(key) || this.words("microphone") : "";
    notice.hidden = !notice.textContent;
  }

  // only a relaxed sitting is told these
  aids({ text = "", points = [] }) {
    for (const aid of this.host.querySelectorAll("details.aid")) aid.open = false;
    if (this.part("text")) this.part("text").textContent = text;
    this.part("points")?.replaceChildren(
      ...points.map((point) => {
        return Object.assign(document.createElement("li"), { textContent: point });
      }),
    );
  }

  fetched(n, all) {
    const bar = this.part("fetched");
    Object.assign(bar, { max: all, value: n });
    bar.hidden = n === all;
  }

  checked(key, preview) {
    this.say(key);
    const audio = this.part("preview");
    if (preview) {
      URL.revokeObjectURL(audio.src);
      audio.src = URL.createObjectURL(wav(preview));
      audio.hidden = false;
    }
    const isHeard = key !== "check-silent";
    for (const button of this.buttons("sample")) button.hidden = !isHeard;
  }

  checkFailed({ help, words }) {
    this.say("check-failed");
    this.warn(help ?? "check-not-sent");
    if (words) this.part("notice").textContent = words;
  }

  unsent(count) {
    const text = count ? this.words("unsent", count) : "";
    for (const part of this.host.querySelectorAll('[data-part="unsent"]')) {
      if (part.textContent !== text) part.textContent = text;
    }
  }

  online(is) {
    this.part("offline").hidden = is;
  }

  signedOut(is) {
    const dialog = this.part("signed-out");
    if (is && !dialog.open) dialog.showModal();
    if (!is && dialog.open) dialog.close();
  }

  handedIn() {
    this.say("handed-in");
    for (const button of this.buttons("report")) button.hidden = false;
  }
}
