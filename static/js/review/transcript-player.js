// <opic-transcript-player>: a transcript that follows its sound, and marks that play their moment. Words hard to make out are
// played twice: as they were said, then as the browser's English voice says them.
import { OpicElement } from "opic/shared/element";

const AFTER = 2500; // milliseconds of one's own, before ours

/** Enter or blank on what acts as a button and is none: those would not break at the end of a line. */
const presses = ({ key, target }) =>
  (key === "Enter" || key === " ") && target.matches("[role=button]");

class TranscriptPlayer extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.audio = this.querySelector("audio") ?? document.querySelector("opic-wave-player audio");
    this.pieces = [...this.querySelectorAll(".transcript [data-at]")].filter(
      ({ dataset }) => dataset.at,
    );
    this.listenTo(this, ["click", "keydown"]);
    if (this.audio) this.listenTo(this.audio, "timeupdate");
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.timer);
    if (this.contains(this.audio)) this.audio.pause();
  }

  handleEvent(event) {
    const { type, target } = event;
    if (type === "timeupdate") return this.follow();
    if (type === "keydown" && !presses(event)) return;
    if (type === "keydown") event.preventDefault(); // a blank would scroll the page
    const piece = target.closest("[data-at]");
    if (piece) this.jump(piece);
  }

  /** The last piece that has begun is the one being heard. */
  follow() {
    const { currentTime } = this.audio;
    const now = this.pieces
      .filter(({ dataset }) => Number(dataset.at) <= currentTime + 0.05)
      .at(-1);
    for (const piece of this.pieces)
      piece.classList.toggle("is-now", piece.dataset.at === now?.dataset.at);
  }

  async jump({ dataset }) {
    if (!this.audio || !dataset.at) return this.say(dataset.say);
    this.audio.currentTime = Number(dataset.at);
    await this.audio.play().catch(() => {});
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
