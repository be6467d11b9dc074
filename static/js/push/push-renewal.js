// <opic-push-keep>: on every page of a person. Browsers drop subscriptions and rarely tell: one that was switched on here
// is renewed, and told to the server once in each visit. One of somebody else who signed in here before is ended.
import {
  forget,
  isSupported,
  keep,
  kept,
  markOf,
  subscribe,
  subscriptionHere,
  tell,
} from "opic/push/push-device";

const TOLD = "opic-push-told";

class PushKeep extends HTMLElement {
  connectedCallback() {
    this.look().catch(() => {}); // no network, no worker: next visit
  }

  async look() {
    const before = kept();
    if (!before || !isSupported()) return;
    if (before.user !== this.getAttribute("user")) {
      await (await subscriptionHere())?.unsubscribe();
      forget();
    } else if (Notification.permission === "granted") await this.renew(before);
  }

  async renew({ user, mark }) {
    const subscription = await subscribe(this.getAttribute("key"));
    const now = await markOf(subscription);
    if (now === mark && sessionStorage.getItem(TOLD) === now) return;
    if (!(await tell(this.getAttribute("subscribe-url"), subscription))) return;
    keep(user, now);
    sessionStorage.setItem(TOLD, now);
    document.dispatchEvent(new CustomEvent("push:told", { detail: { mark: now } }));
  }
}

customElements.define("opic-push-keep", PushKeep);
