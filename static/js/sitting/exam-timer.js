// <opic-exam-timer>: counts to the server's deadline. Only the time that is left ever comes from the server, and it
// runs on a clock that nobody can set: a device five minutes off changes nothing.
import { OpicElement } from "opic/shared/element";
import { minutes } from "opic/shared/words";

const EVERY = 200;

class ExamTimer extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.isRunning = false;
    this.rest = Number(this.getAttribute("left")) || 0;
    this.timer = setInterval(() => this.tick(), EVERY);
    this.draw();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  get left() {
    const gone = this.isRunning ? (performance.now() - this.since) / 1000 : 0;
    return Math.max(0, this.rest - gone);
  }

  /** What the server says is left, from now on. */
  sync(left, isRunning = true) {
    Object.assign(this, { rest: left, since: performance.now(), isRunning });
    this.draw();
  }

  stop() {
    this.sync(this.left, false);
  }

  tick() {
    this.draw();
    if (!this.isRunning || this.left > 0) return;
    this.stop();
    this.dispatchEvent(new CustomEvent("timer:over", { bubbles: true }));
  }

  draw() {
    const text = minutes(Math.ceil(this.left));
    if (this.textContent !== text) this.textContent = text;
  }
}

customElements.define("opic-exam-timer", ExamTimer);
