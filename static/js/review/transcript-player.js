// <opic-transcript-player>: a transcript that follows its sound, and words, quotations and marks that play their moment.
// With keys: arrows go from word to word, Enter plays. Words hard to make out are played twice: as they were said, then as
// the browser's English voice says them.
import { OpicElement } from "opic/shared/element";
import "opic/review/rating-news";
import "opic/review/wave-player";

const AFTER = 2500; // milliseconds of one's own, before ours
const LEAD = 0.1; // seconds before a quotation, so that its first sound is heard
// a page opened at a moment of its answer, in seconds
const MOMENT = /^#t=(\d+(?:\.\d+)?)$/;
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** Enter or blank on what acts as a button and is none: those would not break at the end of a line. */
const presses = ({ key, target }) =>
  (key === "Enter" || key === " ") && target.matches("[role=button], .transcript");

class TranscriptPlayer extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.pieces = [...this.querySelectorAll(".transcript [data-at]")].filter(
      ({ dataset }) => dataset.at,
    );
    this.listenTo(this, ["click", "keydown"]);
    // the sound may be another element's, and may be put back into its place after this one
    this.listenTo(document, "timeupdate", this, { capture: true });
    const moment = MOMENT.exec(location.hash)?.[1];
    if (moment && this.audio) this.audio.currentTime = Number(moment);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  get audio() {
    const elsewhere = "opic-wave-player audio, opic-recorder[guest] audio"; // a guest's is on the device alone
    return this.querySelector("audio") ?? document.querySelector(elsewhere);
  }

  handleEvent(event) {
    const { type, target } = event;
    if (type === "timeupdate") return target === this.audio && this.follow();
    if (type === "keydown") return this.press(event);
    const piece = target.closest("[data-at]");
    if (piece) this.jump(piece);
  }

  press(event) {
    const { key, target } = event;
    const isWhole = target.matches(".transcript");
    if (isWhole && STEPS[key]) this.point(STEPS[key]);
    else if (presses(event)) {
      const piece = isWhole ? this.pointed : target.closest("[data-at]");
      if (piece) this.jump(piece);
    } else return;
    event.preventDefault(); // a blank or an arrow would scroll the page
  }

  get pointed() {
    return this.querySelector(".transcript .is-pointed") ?? this.pieces[0];
  }

  /** The word that Enter plays: so many further than the last. */
  point(step) {
    const last = this.pieces.findIndex((piece) => piece.classList.contains("is-pointed"));
    const at = Math.min(Math.max(last + step, 0), this.pieces.length - 1);
    this.pieces.forEach((piece, index) => piece.classList.toggle("is-pointed", index === at));
    this.pieces[at]?.scrollIntoView({ block: "nearest" });
  }

  /** The last piece that has begun is the one being heard; a quotation ends at its end. */
  follow() {
    const { audio } = this;
    const { currentTime } = audio;
    if (currentTime >= this.until) {
      this.until = undefined;
      audio.pause();
    }
    const now = this.pieces
      .filter(({ dataset }) => Number(dataset.at) <= currentTime + 0.05)
      .at(-1);
    for (const piece of this.pieces)
      piece.classList.toggle("is-now", piece.dataset.at === now?.dataset.at);
  }

  async jump({ dataset }) {
    const { audio } = this;
    if (!audio || !dataset.at) return this.say(dataset.say);
    const lead = dataset.until ? LEAD : 0;
    this.until = dataset.until ? Number(dataset.until) + LEAD : undefined;
    audio.currentTime = Math.max(Number(dataset.at) - lead, 0);
    await audio.play().catch(() => {});
    clearTimeout(this.timer);
    if (dataset.say) this.timer = setTimeout(() => this.say(dataset.say), AFTER);
  }

  say(text) {
    // a remote voice would send the words out
    const voices = globalThis.speechSynthesis?.getVoices() ?? [];
    const voice = voices.find(({ lang, localService }) => localService && /^en[-_]/i.test(lang));
    if (!text || !voice) return;
    this.audio?.pause();
    const spoken = new SpeechSynthesisUtterance(text);
    Object.assign(spoken, { voice, lang: voice.lang, rate: 0.9 });
    speechSynthesis.speak(spoken);
  }
}

customElements.define("opic-transcript-player", TranscriptPlayer);
