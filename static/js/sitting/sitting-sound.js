// Ava's questions in a sitting: fetched before they are needed, played from memory, the way this device plays best
// while its microphone is open.
import { audioContext, setAudioSession } from "opic/recorder/microphone";

const WAY = "opic-play-way"; // "element", or "context" where a phone is too quiet with the microphone open
const AGAIN = 2000;

export class Sound {
  #bytes = new Map();
  audio = new Audio();

  get way() {
    try {
      return localStorage.getItem(WAY) ?? "element";
    } catch {
      return this.chosen ?? "element";
    }
  }

  set way(way) {
    this.chosen = way;
    try {
      localStorage.setItem(WAY, way);
    } catch {
      // remembered for this page then
    }
  }

  /** Resolves when every one of these is in memory; goes on trying while the network is away. */
  async fetchAll(addresses, onProgress = () => {}) {
    let done = 0;
    for (const address of addresses) {
      while (address && !this.#bytes.has(address)) {
        try {
          const answer = await fetch(address);
          if (answer.ok) this.#bytes.set(address, await answer.blob());
        } catch {
          // the network is away
        }
        if (!this.#bytes.has(address)) await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
      onProgress(++done, addresses.length);
    }
  }

  /** Resolves at the end of it; rejects when the browser holds it back or cannot play it. `began` at its first sound. */
  async play(address, began = () => {}) {
    const blob = this.#bytes.get(address);
    if (!blob) throw new Error("not here");
    return this.way === "context"
      ? this.#throughContext(blob, began)
      : this.#throughElement(blob, began);
  }

  #throughElement(blob, began) {
    const { audio } = this;
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(blob);
    return new Promise((resolve, reject) => {
      audio.onplaying = began;
      audio.onended = resolve;
      audio.onerror = () => reject(new Error("cannot play"));
      audio.play().catch(reject);
    });
  }

  async #throughContext(blob, began) {
    setAudioSession("play-and-record");
    const context = audioContext();
    await context.resume();
    const buffer = await context.decodeAudioData(await blob.arrayBuffer());
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    began();
    source.start();
    return new Promise((resolve) => (source.onended = resolve));
  }

  stop() {
    this.audio.pause();
  }
}
