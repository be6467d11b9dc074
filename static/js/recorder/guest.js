// What a guest said: on this device only, for a week. After sign-in it is offered, never sent by itself: on a shared device
// the one who signs in need not be the one who spoke.
import { change, drop } from "opic/outbox/outbox-store";
import { discard, submit, unsent, watch } from "opic/outbox/upload-queue";
import { OpicElement } from "opic/shared/element";

const GUEST = "guest";
const MOST_AGE = 7 * 24 * 3600_000;

/** Recordings of guests that are not too old; the older ones are deleted on the way. */
async function recordings() {
  const rows = await unsent(GUEST);
  const isOld = ({ recordedAt }) => Date.now() - new Date(recordedAt) > MOST_AGE;
  await Promise.all(rows.filter(isOld).map(({ key }) => drop(key)));
  return rows.filter((row) => !isOld(row) && row.segments.length);
}

const isSpeaking = (recorder) => recorder && !["idle", "saved"].includes(recorder.dataset.state);

/** Beside the guest's recorder: where to go from here, once something is said. */
class GuestNext extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.listenTo(document, "recorder:state");
    recordings();
  }

  handleEvent({ detail }) {
    this.hidden = detail.state !== "recorded";
    if (!this.hidden) this.scrollIntoView({ block: "start" }); // the recorder covers the lower half of a phone
  }
}

/** In the frame of whoever is signed in: is it theirs? */
class GuestOffer extends OpicElement {
  actions = { claim: () => this.claim(), discard: () => this.discard() };

  async connectedCallback() {
    super.connectedCallback();
    this.unwatch = watch(({ type, ...news }) => type === "saved" && this.onSaved(news));
    await this.look();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.unwatch();
  }

  async look() {
    this.rows = await recordings();
    this.hidden = !this.rows.length;
  }

  /** What was claimed here is saved: its result opens. On its own question's page it comes up beside the recorder. */
  async onSaved({ key, url, user, reply, isFromElsewhere }) {
    if (user !== this.getAttribute("user")) return;
    await this.look();
    const recorder = document.querySelector("opic-recorder");
    const isMine = this.claimed?.includes(key) && !isFromElsewhere;
    if (!isMine || recorder?.getAttribute("upload-url") === url || isSpeaking(recorder)) return;
    location.assign(`${reply.url}#response-rating`);
  }

  async claim() {
    this.hidden = true;
    this.dispatchEvent(new CustomEvent("guest:claimed", { bubbles: true }));
    this.claimed = this.rows.map(({ key }) => key);
    for (const key of this.claimed) {
      await change(key, { user: this.getAttribute("user"), token: "" });
      await submit(key);
    }
    await this.look();
  }

  async discard() {
    this.hidden = true;
    for (const { key } of this.rows) await discard(key);
    await this.look();
  }
}

customElements.define("opic-guest-next", GuestNext);
customElements.define("opic-guest-offer", GuestOffer);
