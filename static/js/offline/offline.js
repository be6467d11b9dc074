// <opic-offline>: the page without a network, filled from the offline store: questions with their sound and a recorder, the last
// answers to read and hear, sentences to correct. It decides nothing that the server would: answers wait in the outbox.
import { read, save } from "opic/offline/offline-store";
import { mayOpen } from "opic/offline/page-opening";
import { watchServer } from "opic/offline/server-watch";
import { OpicElement } from "opic/shared/element";
import { wordsOf } from "opic/shared/words";

const REPLIES_NEEDED = 2; // in a row: a network that flaps opens nothing
const AT_REST = new Set([undefined, "saved"]); // states of the recorder; without one no question is open

class Offline extends OpicElement {
  actions = {
    open: ({ dataset }) => this.open(this.stored.prompts[dataset.index]),
    reload: () => location.reload(),
    right: (button) => this.mark(button, "right"),
    wrong: (button) => this.mark(button, "wrong"),
  };

  async connectedCallback() {
    super.connectedCallback();
    this.texts = wordsOf({
      querySelector: () => this.querySelector(":scope > template[data-texts]"),
    });
    this.stored = await read();
    await this.fill();
    if (location.pathname !== this.getAttribute("own-path")) this.watchServer();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.server?.stop();
  }

  async fill() {
    const { stored } = this;
    this.part("nothing").hidden = Boolean(stored);
    if (!stored) return;
    this.greet(stored);
    const outbox = this.piece("outbox").querySelector("opic-outbox");
    outbox.setAttribute("user", stored.user);
    this.part("outbox").append(outbox);
    [this.queue] = await Promise.all([
      import("opic/outbox/upload-queue"),
      import("opic/outbox/outbox"),
    ]);
    this.list(
      "practice",
      "prompts",
      stored.prompts,
      "prompt",
      (item, one, index) => (item.querySelector("button").dataset.index = index),
    );
    const done = new Set((stored.marks ?? []).map(({ url }) => url));
    const due = (stored.cards ?? []).filter(({ url }) => !done.has(url));
    this.list("cards", "cards", due, "card", (item, { url }) => (item.dataset.url = url));
    this.list("answers", "answers", stored.answers, "answer", (item, one) =>
      this.showResponse(item, one),
    );
  }

  piece(name) {
    return this.querySelector(`template[data-piece="${name}"]`).content.cloneNode(true);
  }

  greet({ name, home }) {
    const sentences = [
      this.texts("hello", name),
      home?.streak ? this.texts("streak", home.streak) : "",
      this.texts(home?.spoke_today ? "today" : "not-today"),
    ];
    this.part("home").textContent = sentences.filter(Boolean).join(" ");
    this.part("home").hidden = false;
  }

  list(section, name, rows, piece, finish = () => {}) {
    this.part(section).hidden = !rows.length;
    const made = rows.map((row, index) => {
      const item = this.piece(piece).firstElementChild;
      for (const [key, value] of Object.entries(row)) {
        const part = typeof value === "string" && this.part(key, item);
        if (part) part.textContent = value;
      }
      finish(item, row, index);
      return item;
    });
    this.querySelector(`[data-list="${name}"]`).replaceChildren(...made);
  }

  showResponse(item, { src, corrections }) {
    const sound = this.part("sound", item);
    if (src) Object.assign(sound, { src, hidden: false });
    this.part("corrections", item).replaceChildren(
      ...corrections.map(([quote, better]) => {
        const row = document.createElement("li");
        const [was, is] = ["del", "ins"].map((tag) => document.createElement(tag));
        was.textContent = quote;
        is.textContent = better;
        row.append(was, " ", is);
        return row;
      }),
    );
  }

  /** How a card went: saved here, sent to the server by the next page that has a network. */
  async mark(button, result) {
    const item = button.closest("[data-url]");
    const mark = {
      url: item.dataset.url,
      result,
      answered_at: new Date().toISOString(),
    };
    this.stored.marks = [...(this.stored.marks ?? []), mark];
    await save(this.stored).catch(() => {});
    const list = item.parentElement;
    item.remove();
    this.part("cards").hidden = !list.children.length;
  }

  /** A ticket serves one answer: it leaves the store with the question that is opened. */
  async open(prompt) {
    const [ticket, ...left] = JSON.parse(prompt.recorder.tickets_json);
    prompt.recorder.tickets_json = JSON.stringify(left);
    await save(this.stored).catch(() => {});
    const stage = this.piece("stage");
    const { player, recorder } = prompt;
    this.part("topic", stage).textContent = `${prompt.topic} · ${prompt.kind}`;
    this.part("text", stage).textContent = player.text;
    this.part("points", stage).replaceChildren(
      ...prompt.points.map((text) =>
        Object.assign(document.createElement("li"), { textContent: text }),
      ),
    );
    const voice = stage.querySelector("opic-prompt-player");
    for (const name of ["src", "source", "text"]) voice.setAttribute(name, player[name]);
    const microphone = stage.querySelector("opic-recorder");
    const attributes = {
      ...recorder,
      tickets: JSON.stringify(ticket ? [ticket] : []),
      user: this.stored.user,
    };
    for (const [name, value] of Object.entries(attributes))
      microphone.setAttribute(name.replaceAll("_", "-"), value);
    this.part("typical", stage).textContent = this.texts("typical", recorder.typical_text);
    const place = this.part("stage");
    place.hidden = false;
    place.replaceChildren(stage);
    await Promise.all([import("opic/recorder/recorder"), import("opic/recorder/prompt-player")]);
    this.part("topic", place).focus();
    place.scrollIntoView({ block: "start" });
  }

  watchServer() {
    this.server = watchServer((inARow) => this.onReplies(inARow));
    this.listenTo(globalThis, ["online", "offline"], () => this.server.askAtOnce());
    this.listenTo(document, "visibilitychange", () => this.server.askAtOnce());
    this.listenTo(this, "upload:saved", () => this.server.askAtOnce());
  }

  onReplies(inARow) {
    const isBusy = this.isBusy();
    this.showNetwork(inARow > 0, isBusy);
    if (inARow < REPLIES_NEEDED || isBusy || !mayOpen()) return;
    this.server.stop();
    location.reload(); // this page stands at the address that was asked for
  }

  /** Would somebody be interrupted: a question is open and not answered yet, something is sent, or listened to? */
  isBusy() {
    return (
      !AT_REST.has(this.querySelector("opic-recorder")?.dataset.state) ||
      Boolean(this.queue?.isSending()) ||
      [...this.querySelectorAll("audio")].some(({ paused }) => !paused)
    );
  }

  showNetwork(isBack, isBusy) {
    this.part("online").hidden = !isBack;
    const [title, state] = [this.part("title"), this.part("state")];
    const heading = this.texts(isBack ? "back" : "gone");
    const sentence = this.texts(isBack ? (isBusy ? "busy" : "opens") : "waits");
    document.title = document.title.replace(title.textContent, heading);
    title.textContent = heading;
    // a live region speaks at each change
    if (state.textContent.trim() !== sentence) state.textContent = sentence;
  }
}

customElements.define("opic-offline", Offline);
