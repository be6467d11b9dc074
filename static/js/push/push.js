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
import { OpicElement } from "opic/shared/element";

class Push extends OpicElement {
  actions = { switch: () => this.toggle() };

  connectedCallback() {
    super.connectedCallback();
    this.button = this.querySelector("[data-do=switch]");
    this.known = new Set((this.getAttribute("known") ?? "").split(" ").filter(Boolean));
    this.listenTo(document, ["visibilitychange", "push:registered"]);
    this.look();
  }

  /** Renewed meanwhile; or back from the browser's settings, where somebody may have changed their mind. */
  handleEvent({ type, detail }) {
    if (type === "push:registered") this.known.add(detail.mark);
    if (this.dataset.state !== "busy" && !document.hidden) this.look();
  }

  toggle() {
    if (this.dataset.state === "busy") return;
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
