// <opic-push-renewal>: on every page of a person. Browsers drop subscriptions and rarely tell: one that was switched on here
// is renewed, and told to the server once in each visit. One of somebody else who signed in here before is ended.
import {
  forget,
  isSupported,
  save,
  readSaved,
  markOf,
  subscribe,
  subscriptionHere,
  register,
} from "opic/push/push-device";
import { OpicElement } from "opic/shared/element";

const REGISTERED = "opic-push-told";

class PushRenewal extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.renewIfOn().catch(() => {}); // no network, no worker: next visit
  }

  async renewIfOn() {
    const before = readSaved();
    if (!before || !isSupported()) return;
    if (before.user !== this.getAttribute("user")) {
      await (await subscriptionHere())?.unsubscribe();
      forget();
    } else if (Notification.permission === "granted") await this.renew(before);
  }

  async renew({ user, mark }) {
    const subscription = await subscribe(this.getAttribute("key"));
    const now = await markOf(subscription);
    if (now === mark && sessionStorage.getItem(REGISTERED) === now) return;
    if (!(await register(this.getAttribute("subscribe-url"), subscription))) return;
    save(user, now);
    sessionStorage.setItem(REGISTERED, now);
    document.dispatchEvent(new CustomEvent("push:registered", { detail: { mark: now } }));
  }
}

customElements.define("opic-push-renewal", PushRenewal);
