// <opic-push>: the switch for pushes on this device. It shows what is true: what the browser allows, whether it has a
// subscription, and whether the server knows it. Permission is asked for by pressing the button, never before.
import { postJson } from "opic/shared/csrf";
import {
  forget,
  isSupported,
  save,
  markOf,
  subscribe,
  subscriptionHere,
  register,
} from "opic/push/push-device";
import { wordsOf } from "opic/shared/words";

const EVENTS = ["visibilitychange", "push:registered"];

class Push extends HTMLElement {
  connectedCallback() {
    this.words = wordsOf(this);
    this.button = this.querySelector("[data-do=switch]");
    this.known = new Set((this.getAttribute("known") ?? "").split(" ").filter(Boolean));
    this.button.addEventListener("click", this);
    for (const type of EVENTS) document.addEventListener(type, this);
    this.look();
  }

  disconnectedCallback() {
    for (const type of EVENTS) document.removeEventListener(type, this);
  }

  /** Pressed; or renewed meanwhile; or back from the browser's settings, where somebody may have changed their mind. */
  handleEvent({ type, detail }) {
    if (type === "push:registered") this.known.add(detail.mark);
    if (this.dataset.state === "busy") return;
    if (type !== "click") return void (document.hidden || this.look());
    const isOn = this.dataset.state === "on";
    this.attempt(() => (isOn ? this.switchOff() : this.switchOn()));
  }

  async attempt(work) {
    this.show("busy");
    try {
      this.show(await work());
    } catch {
      this.show("failed");
    }
  }

  look() {
    if (!isSupported()) return this.show("unsupported");
    return this.attempt(() => this.currentState());
  }

  async currentState() {
    if (Notification.permission === "denied") return "denied";
    const subscription = await subscriptionHere();
    const isOn =
      subscription &&
      Notification.permission === "granted" &&
      this.known.has(await markOf(subscription));
    return isOn ? "on" : "off";
  }

  async switchOn() {
    if ((await Notification.requestPermission()) !== "granted") return this.currentState();
    const subscription = await subscribe(this.getAttribute("key"));
    if (!(await register(this.getAttribute("subscribe-url"), subscription))) return "failed";
    const mark = await markOf(subscription);
    this.known.add(mark);
    save(this.getAttribute("user"), mark);
    return this.currentState();
  }

  /** Ended here first: then nothing arrives, even when the server cannot be told now. */
  async switchOff() {
    forget();
    const subscription = await subscriptionHere();
    if (!subscription) return "off";
    const { endpoint } = subscription;
    await subscription.unsubscribe();
    this.known.delete(await markOf({ endpoint }));
    await postJson(this.getAttribute("unsubscribe-url"), { endpoint }).catch(() => {});
    return this.currentState();
  }

  show(state) {
    this.dataset.state = state;
    this.querySelector("[data-part=state]").textContent = this.words(state);
    const label = this.words(`${state}-do`);
    if (label) this.button.textContent = label;
    this.button.hidden = !label && (state !== "busy" || !this.button.textContent);
    this.button.setAttribute("aria-disabled", String(state === "busy"));
  }
}

customElements.define("opic-push", Push);
