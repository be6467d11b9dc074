// The way of a take from Submit to "saved", as <opic-recorder> shows it; and what a former page left behind.
import { adopt } from "opic/recorder/drafts";
import { find, isOnlyInMemory } from "opic/outbox/outbox-store";
import { submit, unsent, waiting, watch } from "opic/outbox/upload-queue";

const REST = 400; // the second half of a double click on Submit is no new recording
const FREE = new Set(["idle", "saved"]);
const ON_ITS_WAY = new Set(["queued", "sending"]);

export class Submission {
  #rested;

  constructor(host) {
    this.host = host;
    this.user = host.getAttribute("user");
    this.url = host.getAttribute("upload-url");
    this.close = watch((news) => this.onNews(news));
  }

  /** Gives a ticket back, if its key never left this device: the server answers a known key with the old take. */
  reuse({ state, key, token }) {
    if (state === "draft" && token) this.host.tickets.unshift({ key, token });
  }

  async submit() {
    const { row, view } = this.host;
    view.preview.audio.pause();
    this.#rested = new Promise((resolve) => setTimeout(resolve, REST));
    // "sending" is a promise: it is made once the disk has it, see check()
    this.host.show("submitting", { says: view.status.textContent });
    await submit(row.key, { acceptPartial: Boolean(row.mayKeepPartial) });
  }

  /** Says what is on its way and how much of it is still only here. */
  show(key) {
    const { host } = this;
    const sentence = key === "waiting" && navigator.onLine === false ? "offline" : key;
    const says = (count) => host.view.words(sentence, Math.max(1, count));
    host.view.warn(isOnlyInMemory(host.row.key) ? "memory" : "");
    host.show("sending", {
      says: says(this.count ?? 1),
      buttons: key === "waiting" ? ["record"] : [],
    });
    this.recount = async () => {
      this.count = (await waiting(this.user)).length;
      if (host.state === "sending") host.view.say(says(this.count));
    };
    this.recount();
  }

  onNews(news) {
    const { host } = this;
    const { type, key, reply } = news;
    if (type === "saved" && news.url === this.url && news.user === this.user)
      this.announce(key, reply);
    if (host.row?.key !== key) return;
    if (type === "changed") this.check(key);
    if (type === "progress" && host.state === "sending") host.view.sent(news.part);
    if (type === "waiting") this.show("waiting");
    if (type === "refused") this.refused();
    // a ticket belongs to the page that asked; a key used twice would swallow the second answer
    if (type === "saved") this.saved(news.isFromElsewhere ? null : reply.ticket);
  }

  announce(key, reply) {
    const detail = {
      key,
      response: reply.response,
      url: reply.url,
      ratingUrl: reply.rating_url,
      lengthSeconds: reply.length_seconds,
    };
    this.host.dispatchEvent(new CustomEvent("upload:saved", { bubbles: true, detail }));
  }

  async saved(ticket) {
    const { host } = this;
    if (ticket) host.tickets.push(ticket);
    host.forget();
    host.show("saved", { buttons: [] });
    await this.#rested;
    if (host.state === "saved") host.show("saved");
  }

  /** Dropped, or sent again, from the list in the header? */
  async check(key) {
    const { host } = this;
    const row = await find(key);
    if (host.row?.key !== key) return;
    if (!row) {
      host.forget();
      host.show("idle");
    } else if (ON_ITS_WAY.has(row.state) && host.state !== "sending") this.show("sending");
    else if (host.state === "sending") this.recount();
  }

  async refused() {
    const { host } = this;
    const row = await find(host.row.key);
    if (host.row?.key !== row?.key) return;
    host.row = row;
    const buttons =
      row.keep === false ? ["record", "discard"] : ["submit", "listen", "discard", "record"];
    host.show("failed", { buttons });
    const key = `refused-${row.code}`;
    const message = row.message || host.view.words(key) || host.view.words("refused-other");
    const more = row.mayKeepPartial ? ` ${host.view.words("keep-partial")}` : "";
    host.view.warn(key, { message: message + more, link: row.link });
    if (row.keep !== false && !host.view.preview.url) host.listening.prepare(row);
  }

  /** What this person said here on a former page: a draft to decide on, or an answer that is still on its way. */
  async recover() {
    const { host } = this;
    const rows = (await unsent(this.user)).filter(({ url }) => url === this.url).reverse();
    const drafts = rows.filter(({ state }) => state === "draft");
    for (const row of [...drafts, ...rows.filter((one) => !drafts.includes(one))]) {
      const letGo = row.state === "draft" ? await adopt(row.key) : () => {};
      if (!letGo) continue;
      if (!FREE.has(host.state) || host.row) return letGo();
      Object.assign(host, { row, letGo });
      host.view.time(row.elapsedMs / 1000, host.typical);
      if (row.state === "draft") return host.present("recovered");
      return this.resume(row);
    }
  }

  async resume(row) {
    if (row.state === "refused") return this.refused();
    this.show("sending");
    if (!(await find(row.key))) this.check(row.key); // it arrived while we looked
  }
}
