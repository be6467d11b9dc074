// <opic-listen>: a queue for the crowded car. Question, a pause, a good answer, one's own best; one <audio> for all of it,
// silence included, so that the lock screen keeps its buttons through the pauses.
import { OpicElement } from "opic/shared/element";
import { wav } from "opic/shared/preview";

const RATE = 24000;
const THINK = 4;
const BREATH = 1.5;

const silences = new Map();
function silence(seconds) {
  if (!silences.has(seconds))
    silences.set(seconds, URL.createObjectURL(wav(new Float32Array(seconds * RATE))));
  return silences.get(seconds);
}

/** The pieces of an entry, in order; what it does not have is left out. */
function piecesOf({ dataset }) {
  const { question, good, own } = dataset;
  const pieces = [
    { says: "question", src: question },
    { says: "think", src: question && silence(THINK) },
    { says: "good", src: good },
    { says: "good", src: good && silence(BREATH) },
    { says: "own", src: own },
    { says: "own", src: own && silence(BREATH) },
  ];
  return pieces.filter(({ src }) => src);
}

class Listen extends OpicElement {
  actions = {
    toggle: () => this.toggle(),
    next: () => this.next(),
    previous: () => this.previous(),
    go: (button) => this.go(this.entries.indexOf(button.closest("li"))),
  };

  connectedCallback() {
    super.connectedCallback();
    this.audio = this.querySelector("audio");
    this.entries = [...this.querySelectorAll(".listen-rows > li")];
    this.at = { entry: 0, piece: 0 };
    this.listenTo(this.audio, ["ended", "error", "playing", "pause"]);
    this.setMediaActions({
      play: () => this.play(),
      pause: () => this.audio.pause(),
      nexttrack: () => this.next(),
      previoustrack: () => this.previous(),
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.audio.pause();
    this.setMediaActions({ play: null, pause: null, nexttrack: null, previoustrack: null });
    if (navigator.mediaSession) navigator.mediaSession.metadata = null;
  }

  /** The buttons of a lock screen, of headphones, of a keyboard. */
  setMediaActions(handlers) {
    for (const [name, work] of Object.entries(handlers))
      navigator.mediaSession?.setActionHandler(name, work);
  }

  handleEvent({ type }) {
    if (type === "ended") return this.advance();
    if (type === "error") return this.skip();
    if (type === "pause" && this.audio.ended) return; // the next piece follows at once
    this.show(type === "playing");
  }

  toggle() {
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  get piece() {
    return piecesOf(this.entries[this.at.entry])[this.at.piece];
  }

  async play() {
    const { piece } = this;
    if (!piece) return this.advance();
    if (this.playing !== piece.src) {
      this.playing = piece.src;
      this.audio.src = piece.src;
    }
    this.announce(piece);
    await this.audio.play().catch(() => {}); // a piece that cannot be played also says "error"
  }

  announce({ says }) {
    const row = this.entries[this.at.entry];
    const title = row.querySelector(".row-title").textContent;
    this.says = says;
    this.part("title").textContent = title;
    this.part("place").textContent = this.words("place").replace("[at]", this.at.entry + 1);
    for (const one of this.entries) one.toggleAttribute("data-now", one === row);
    for (const one of this.entries)
      one.querySelector("button").setAttribute("aria-current", one === row);
    if (!navigator.mediaSession) return;
    const artwork = [{ src: this.getAttribute("artwork"), sizes: "512x512", type: "image/png" }];
    navigator.mediaSession.metadata = new MediaMetadata({
      title,
      artist: this.words(says),
      artwork,
    });
  }

  show(isPlaying) {
    this.dataset.state = isPlaying ? "playing" : "paused";
    this.part("toggle").textContent = this.words(isPlaying ? "pause" : "play");
    this.part("status").textContent = this.words(isPlaying ? this.says : "paused");
    if (navigator.mediaSession) navigator.mediaSession.playbackState = this.dataset.state;
  }

  /** The next piece, or the next entry; after the last one it stops. */
  advance() {
    this.at.piece += 1;
    if (this.at.piece < piecesOf(this.entries[this.at.entry]).length) return this.play();
    if (this.at.entry + 1 < this.entries.length) return this.go(this.at.entry + 1);
    this.at = { entry: 0, piece: 0 };
    this.playing = null;
    this.show(false);
    this.part("status").textContent = this.words("over");
  }

  skip() {
    this.part("status").textContent = this.words("failed");
    this.advance();
  }

  go(entry) {
    this.at = { entry, piece: 0 };
    this.playing = null;
    return this.play();
  }

  next() {
    this.go(Math.min(this.at.entry + 1, this.entries.length - 1));
  }

  /** From within an entry to its beginning, from there to the one before. */
  previous() {
    this.go(this.at.piece > 0 ? this.at.entry : Math.max(this.at.entry - 1, 0));
  }
}

customElements.define("opic-listen", Listen);
