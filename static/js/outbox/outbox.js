// <opic-outbox user="...">: what of this person's speech is only on this device, and how to get it out.
// Stands between a sign-out and unsent answers: send, discard, or stay.
import { chunksOf } from "opic/outbox/outbox-store";
import { abandonedOrWaiting } from "opic/recorder/drafts";
import { discard, sendAll, submit, unsent, watch } from "opic/outbox/upload-queue";
import { linkTo, minutes, wordsOf } from "opic/shared/words";

const FILE_ENDINGS = { "audio/mp4": "m4a", "audio/ogg": "ogg" };
const BY_HAND = new Set(["draft", "refused"]);

class Outbox extends HTMLElement {
  connectedCallback() {
    this.user = this.getAttribute("user");
    this.words = wordsOf(this);
    this.dialog = this.part("sign-out");
    this.addEventListener("click", this);
    document.addEventListener("submit", this, true);
    this.unwatch = watch(({ type }) => type !== "progress" && this.refresh());
    this.refresh();
  }

  disconnectedCallback() {
    this.unwatch();
    document.removeEventListener("submit", this, true);
  }

  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
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
    const part = (name) => item.querySelector(`[data-part="${name}"]`);
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
    part("keep").hidden = !row.mayKeepPartial;
    part("send").hidden = isWorthless || row.mayKeepPartial || !BY_HAND.has(row.state);
    part("file").hidden = isWorthless;
    return item;
  }

  message({ state, code, message }) {
    if (state === "refused")
      return message || this.words(`refused-${code}`) || this.words("refused-other");
    return this.words(state);
  }

  handleEvent(event) {
    if (event.type === "submit") return this.guard(event);
    const act = event.target.closest("[data-act]")?.dataset.act;
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (act === "send-now") this.sendNow();
    if (act === "send") submit(key, { acceptPartial: false });
    if (act === "keep") submit(key, { acceptPartial: true });
    if (act === "drop") discard(key);
    if (act === "file") this.saveFile(key);
  }

  async sendNow() {
    const button = this.querySelector('[data-act="send-now"]');
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
    this.dialog.onclick = ({ target }) =>
      this.choose(target.closest("[data-choice]")?.dataset.choice, form);
  }

  say(key, n) {
    this.part("sign-out-text").textContent = this.words(key, n);
  }

  async choose(choice, form) {
    if (choice === "stay") this.dialog.close();
    if (choice === "discard") {
      for (const { key } of await unsent(this.user)) await discard(key);
      form.submit();
    }
    if (choice === "send") {
      this.say("sign-out-sending");
      await sendAll(this.user, { drafts: true });
      const left = await unsent(this.user);
      if (!left.length) return form.submit();
      this.say("sign-out-failed", left.length);
    }
  }
}

customElements.define("opic-outbox", Outbox);
