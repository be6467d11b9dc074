// <opic-guest-offer>, in the frame of whoever is signed in: what a guest said on this device. Said in this very tab, it is
// sent by itself, as they signed up to keep it; of anything else they are asked whose it is. While consent is missing,
// nothing is sent and nothing is asked.
import { change } from "opic/outbox/outbox-store";
import { discard, submit, watch } from "opic/outbox/upload-queue";
import { parsed } from "opic/outbox/upload-verdict";
import { forget, isOurs, recordings } from "opic/recorder/guest-recordings";
import { post } from "opic/shared/csrf";
import { OpicElement } from "opic/shared/element";

const isSpeaking = (recorder) => recorder && !["idle", "saved"].includes(recorder.dataset.state);

/** Whether the server would take this person's recordings; where it does not say so, it is for them to try. */
async function maySend({ key, ticketUrl, user }) {
  try {
    const response = await post(ticketUrl, { key, user });
    return response.ok ? parsed(await response.text())?.may_record : undefined;
  } catch {
    return undefined;
  }
}

class GuestOffer extends OpicElement {
  actions = { claim: () => this.claim(this.rows), discard: () => this.discard() };

  async connectedCallback() {
    super.connectedCallback();
    this.claimed = [];
    this.unwatch = watch(({ type, ...news }) => type === "saved" && this.onSaved(news));
    const rows = await recordings();
    if (!rows.length) return;
    const user = this.getAttribute("user");
    this.may = await maySend({ ...rows[0], user });
    if (this.may) await this.claim(rows.filter(({ key }) => isOurs(key)));
    await this.look();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.unwatch();
  }

  async look() {
    this.rows = await recordings();
    this.hidden = this.may === false || !this.rows.length;
  }

  /** What was claimed here is saved: its result opens. On its own question's page it comes up beside the recorder. */
  async onSaved({ key, url, user, reply, isFromElsewhere }) {
    if (user !== this.getAttribute("user")) return;
    await this.look();
    const recorder = document.querySelector("opic-recorder");
    const isMine = this.claimed.includes(key) && !isFromElsewhere;
    if (!isMine || recorder?.getAttribute("upload-url") === url || isSpeaking(recorder)) return;
    location.assign(`${reply.url}#response-rating`);
  }

  async claim(rows) {
    if (!rows.length) return;
    this.hidden = true;
    // scripts of a page that has just been loaded may still be on their way
    if (document.querySelector("opic-result")) await customElements.whenDefined("opic-result");
    this.dispatchEvent(new CustomEvent("guest:claimed", { bubbles: true, detail: {} }));
    this.claimed = rows.map(({ key }) => key);
    for (const key of this.claimed) {
      await change(key, { user: this.getAttribute("user"), token: "" });
      await submit(key);
    }
    forget(this.getAttribute("forget-url")); // the short-lived copy of a guest
    await this.look();
  }

  async discard() {
    this.hidden = true;
    for (const { key } of this.rows) await discard(key);
    await this.look();
  }
}

customElements.define("opic-guest-offer", GuestOffer);
