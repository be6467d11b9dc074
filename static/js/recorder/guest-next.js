// <opic-guest-next>: beside a guest's recorder, once something is said. Nothing is sent before the one tap that asks for it;
// then the result comes up here. Discarded or recorded anew, it is deleted on the server, too.
import "opic/outbox/upload-body";
import { chunksOf } from "opic/outbox/outbox-store";
import { parsed } from "opic/outbox/upload-verdict";
import * as guest from "opic/recorder/guest-recordings";
import { postForm } from "opic/shared/csrf";
import { OpicElement } from "opic/shared/element";

const GONE = '#response-rating[data-status="gone"]';

class GuestNext extends OpicElement {
  actions = { show: () => this.send() };

  connectedCallback() {
    super.connectedCallback();
    this.ask = this.part("ask");
    this.problem = this.part("problem");
    this.listenTo(document, "recorder:state");
    this.listenTo(this, "htmx:afterSettle", () => this.querySelector(GONE) && this.onGone());
    guest.recordings();
  }

  get recorder() {
    return document.querySelector("opic-recorder");
  }

  handleEvent({ detail: { state } }) {
    if (state === "recorded") this.begin(this.recorder.row.key);
    else if (this.key) this.end();
  }

  begin(key) {
    this.key = key;
    guest.markAsOurs(key);
    this.hidden = false;
    this.tell("");
    const token = guest.tokenOf(key);
    this.ask.hidden = Boolean(token);
    if (token) this.open(token);
    else this.scrollIntoView({ block: "start" }); // the recorder covers the lower half of a phone
  }

  /** Discarded, or the next one is being spoken. */
  end() {
    this.key = "";
    this.hidden = true;
    guest.forget(this.getAttribute("forget-url"));
    const empty = document.createElement("section");
    Object.assign(empty, { id: "response-rating" }).dataset.status = "none";
    this.querySelector("#response-rating")?.replaceWith(empty);
  }

  async send() {
    const { key } = this;
    const button = this.ask.querySelector("[data-do=show]");
    button.disabled = true;
    this.tell("");
    const reply = await this.post().catch(() => ({ message: this.words("offline") }));
    button.disabled = false;
    if (this.key !== key) return; // discarded meanwhile: what was sent is deleted within the hour
    if (!reply.token) return this.tell(reply.message || this.words("refused"));
    guest.setToken(key, reply.token);
    this.ask.hidden = true;
    this.recorder.view.say(this.words("sent"));
    this.dispatchEvent(new CustomEvent("guest:sent", { bubbles: true, detail: {} }));
    this.open(reply.token);
  }

  async post() {
    const { row } = this.recorder;
    const { body } = await globalThis.opicUploadBody(row, await chunksOf(row));
    const response = await postForm(this.getAttribute("send-url"), body);
    return parsed(await response.text()) ?? {};
  }

  open(token) {
    htmx
      .ajax("GET", this.getAttribute("result-url"), {
        target: "#response-rating",
        swap: "outerHTML",
        headers: { [guest.TOKEN_HEADER]: token },
      })
      .catch(() => {}); // what fails is said by the listeners of htmx
  }

  onGone() {
    guest.dropToken();
    this.ask.hidden = false;
  }

  tell(message) {
    this.problem.textContent = message;
    this.problem.hidden = !message;
  }
}

customElements.define("opic-guest-next", GuestNext);
