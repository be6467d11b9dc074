// <opic-outbox user="...">: what of this person's speech is only on this device, and how to get it out.
// Stands between a sign-out and unsent answers: send, discard, or stay.
import { chunksOf } from "opic/outbox/outbox-store";
import { abandonedOrWaiting } from "opic/recorder/drafts";
import { OpicElement } from "opic/shared/element";
import { discard, sendAll, submit, unsent, watch } from "opic/outbox/upload-queue";
import { linkTo, minutes } from "opic/shared/words";

const FILE_ENDINGS = { "audio/mp4": "m4a", "audio/ogg": "ogg" };
const BY_HAND = new Set(["draft", "refused"]);

const keyOf = (button) => button.closest("[data-key]").dataset.key;

class Outbox extends OpicElement {
  actions = {
    sendNow: (button) => this.sendNow(button),
    send: (button) => submit(keyOf(button), { acceptPartial: false }),
    sendPartial: (button) => submit(keyOf(button), { acceptPartial: true }),
    saveFile: (button) => this.saveFile(keyOf(button)),
    drop: (button) => discard(keyOf(button)),
    sendAndSignOut: () => this.sendAndSignOut(),
    dropAndSignOut: () => this.dropAndSignOut(),
    stay: () => this.dialog.close(),
  };

  connectedCallback() {
    super.connectedCallback();
    this.user = this.getAttribute("user");
    this.dialog = this.part("sign-out");
    this.listenTo(document, "submit", (event) => this.guard(event), { capture: true });
    this.unwatch = watch(({ type }) => type !== "progress" && this.refresh());
    this.refresh();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.unwatch();
  }

  async refresh() {
    const rows = await abandonedOrWaiting(this.user);
    this.hidden = !rows.length;
    const count = this.words("waits", rows.length);
    if (this.part("count").textContent !== count) this.part("count").textContent = count;
    this.part("list").replaceChildren(...rows.map((row) => this.entry(row)));
    this.dataset.count = rows.length;
  }

  entry(row) {
    const item =
      this.querySelector("template[data-entry]").content.cloneNode(true).firstElementChild;
    const part = (name) => this.part(name, item);
    item.dataset.key = row.key;
    item.dataset.rowState = row.state;
    part("label").textContent = row.label;
    part("when").textContent = new Date(row.recordedAt).toLocaleString(
      document.documentElement.lang,
    );
    part("length").textContent = minutes(row.elapsedMs / 1000);
    part("state").replaceChildren(
      this.message(row),
      " ",
      linkTo(row.link, this.words(`link-${row.code}`)),
    );
    const isWorthless = row.keep === false;
    part("partial").hidden = !row.mayKeepPartial;
    part("send").hidden = isWorthless || row.mayKeepPartial || !BY_HAND.has(row.state);
    part("file").hidden = isWorthless;
    return item;
  }

  message({ state, code, message }) {
    if (state === "refused")
      return message || this.words(`refused-${code}`) || this.words("refused-other");
    return this.words(state);
  }

  async sendNow(button) {
    button.disabled = true;
    await sendAll(this.user);
    button.disabled = false;
    await this.refresh();
  }

  /** A way out for bytes the server will not take. One file a segment: joined they would not decode. */
  async saveFile(key) {
    const row = (await unsent(this.user)).find((one) => one.key === key);
    const ending = FILE_ENDINGS[row.mime.split(";")[0]] ?? "webm";
    for (const [index, chunks] of (await chunksOf(row)).entries()) {
      const url = URL.createObjectURL(new Blob(chunks.filter(Boolean), { type: row.mime }));
      const name = `answer-${row.recordedAt.slice(0, 16).replace(":", "")}-${index + 1}.${ending}`;
      Object.assign(document.createElement("a"), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    }
  }

  /** Signing out with something unsent asks first. */
  async guard(event) {
    const form = event.target;
    if (!form.matches("form[data-signs-out]") || !this.user) return;
    event.preventDefault();
    const rows = await unsent(this.user);
    if (!rows.length) return form.submit();
    this.say("sign-out-waits", rows.length);
    this.dialog.returnValue = "";
    this.dialog.showModal();
    this.signOut = () => form.submit();
  }

  say(key, n) {
    this.part("sign-out-text").textContent = this.words(key, n);
  }

  async sendAndSignOut() {
    this.say("sign-out-sending");
    await sendAll(this.user, { drafts: true });
    const left = await unsent(this.user);
    if (left.length) this.say("sign-out-failed", left.length);
    else this.signOut();
  }

  async dropAndSignOut() {
    for (const { key } of await unsent(this.user)) await discard(key);
    this.signOut();
  }
}

customElements.define("opic-outbox", Outbox);
