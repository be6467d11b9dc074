// <opic-board-player>: many answers, one <audio>. Each quotation plays its own piece of its own answer and stops there; pressed
// again it stops at once.
import { OpicElement } from "opic/shared/element";

const LEAD = 0.1; // seconds before and behind, so that first and last sounds are heard
const OF_AUDIO = ["timeupdate", "pause", "ended", "error"];

class BoardPlayer extends OpicElement {
  actions = { hear: (button) => this.hear(button) };

  connectedCallback() {
    super.connectedCallback();
    this.audio = this.querySelector("audio");
    this.listenTo(this.audio, OF_AUDIO);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.audio.pause();
  }

  handleEvent({ type }) {
    if (type === "error") return this.fail();
    if (type !== "timeupdate") return this.audio.paused && this.mark(null);
    if (this.audio.currentTime >= this.until) this.audio.pause();
  }

  async hear(button) {
    const { audio } = this;
    const isAgain = this.now === button && !audio.paused;
    audio.pause();
    if (isAgain) return this.mark(null);
    const { src, at, until } = button.dataset;
    if (audio.getAttribute("src") !== src) audio.src = src;
    this.until = until ? Number(until) + LEAD : Infinity;
    audio.currentTime = Math.max(Number(at) - LEAD, 0);
    this.part("fault").hidden = true;
    this.mark(button);
    await audio.play().catch(() => {}); // a sound that cannot be played also says "error"
    if (this.now === button && !audio.paused) this.mark(button);
  }

  mark(button) {
    this.now?.setAttribute("aria-pressed", "false");
    this.now = button;
    button?.setAttribute("aria-pressed", "true");
  }

  fail() {
    this.mark(null);
    this.part("fault").hidden = false;
  }
}

customElements.define("opic-board-player", BoardPlayer);
