// Watches a recorder that runs: does it give anything? Some browsers claim a type, start a recorder for it, and never
// give a byte or an error.

const BYTES = 3000; // a recorder that has given none by then is asked for them
const ASKED = 1000; // and has so long to answer

export class ByteWatch {
  hasBytes = false;

  /** `onBarren` once, about 4 s after the start, counting only while it records. */
  constructor(recorder, onBarren) {
    Object.assign(this, { recorder, onBarren });
    this.start();
  }

  /** Starts counting, again after a pause. */
  start() {
    // a page that was frozen has its bytes in the queue behind this timer: it asks before it judges
    this.#after(BYTES, () => {
      this.recorder.requestData();
      this.#after(ASKED, this.onBarren);
    });
  }

  #after(milliseconds, then) {
    clearTimeout(this.timer);
    const look = () => this.recorder.state === "recording" && then();
    if (!this.hasBytes) this.timer = setTimeout(look, milliseconds);
  }

  /** Bytes have come. */
  see() {
    this.hasBytes = true;
    this.close();
  }

  close() {
    clearTimeout(this.timer);
  }
}
