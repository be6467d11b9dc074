// What <opic-recorder> shows: the state in words, which buttons are there, clock, notices. Decides nothing.
import { linkTo, minutes, wordsOf } from "opic/shared/words";
import { Preview } from "opic/shared/preview";
import { Waveform } from "opic/shared/waveform";

const BUTTONS = {
  idle: ["record"],
  asking: ["record"],
  starting: ["record"],
  recording: ["stop", "pause"],
  paused: ["resume", "stop"],
  stopping: ["stop"],
  recorded: ["listen", "submit", "discard"],
  submitting: ["submit"],
  sending: [],
  saved: ["record"],
  failed: ["record"],
};
const BUSY = new Set(["asking", "starting", "stopping", "submitting"]); // the button stays where it is, but does nothing

export class RecorderView {
  constructor(host) {
    this.host = host;
    const words = wordsOf(host);
    // a guest has nobody to send it to, and is told so
    this.isGuest = host.hasAttribute("guest");
    this.words = (key, n) => (this.isGuest && words(`guest-${key}`)) || words(key, n);
    const part = (name) => host.querySelector(`[data-part="${name}"]`);
    for (const name of ["status", "clock", "notice", "percent"]) this[name] = part(name);
    this.preview = new Preview(part("preview"));
    this.wave = new Waveform(part("wave"), part("meter"));
    this.buttons = [...host.querySelectorAll("[data-do]")];
    this.sizes = new ResizeObserver(([{ target }]) => this.#giveRoom(target.offsetHeight));
    this.sizes.observe(host);
  }

  /** `extra`: the sentence of the state when it is not its own; the buttons when they are not its own. */
  show(state, { says = this.words(state), buttons = BUTTONS[state] } = {}) {
    const hadFocus = this.host.contains(document.activeElement);
    this.host.dataset.state = state;
    for (const button of this.buttons) {
      button.hidden =
        !buttons.includes(button.dataset.do) || (this.isGuest && button.dataset.do === "submit");
      button.disabled = BUSY.has(state);
    }
    this.say(says);
    this.percent.hidden = true;
    if (hadFocus) this.#keepFocus(buttons[0]);
  }

  /** A button that goes takes the focus with it: whoever works by keyboard would start from the top again. */
  #keepFocus(name) {
    const focus = document.activeElement;
    // the sentence above holds it while no button is live
    const isGone =
      focus === document.body || focus === this.status || focus.hidden || focus.disabled;
    const button = this.buttons.find((one) => one.dataset.do === name);
    if (!isGone) return;
    (button && !button.disabled ? button : this.status).focus({ preventScroll: true });
  }

  disable(name, isDisabled) {
    const hadFocus = this.host.contains(document.activeElement);
    this.buttons.find((one) => one.dataset.do === name).disabled = isDisabled;
    if (hadFocus) this.#keepFocus(name);
  }

  /** On a phone it stands over the page's lower end: what is scrolled to must end above it. */
  #giveRoom(height) {
    document.documentElement.style.setProperty("--recorder-height", `${height}px`);
  }

  /** How much of the take was heard, 0 … 1. */
  heard(share) {
    this.wave.meter.value = share;
  }

  say(sentence) {
    if (this.status.textContent !== sentence) this.status.textContent = sentence;
  }

  /** A warning beside the state: a key of ours, or what the server said. Empty takes it away. */
  warn(key, { message = this.words(key), link = "" } = {}) {
    this.host.dataset.notice = message ? key : "";
    const label = this.words(`link-${key.replace("refused-", "")}`);
    this.notice.replaceChildren(message, " ", linkTo(link, label));
    this.notice.hidden = !message;
  }

  time(seconds, typical) {
    this.clock.textContent = minutes(seconds);
    const [low, high] = typical;
    this.clock.dataset.length = seconds < low ? "short" : seconds > high ? "long" : "typical";
  }

  sent(part) {
    this.percent.hidden = false;
    this.percent.textContent = new Intl.NumberFormat(document.documentElement.lang, {
      style: "percent",
    }).format(part);
  }

  close() {
    this.sizes.disconnect();
    this.wave.close();
  }

  clear() {
    this.warn("");
    this.preview.clear();
    this.wave.clear();
  }
}
