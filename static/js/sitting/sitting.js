// <opic-sitting>: the whole test on one page with one microphone. Stages, in data-stage:
//   check -> sample -> begin -> item ... readjust ... item -> end;  "back" after a reload.
// The server owns clock and order; what is said goes through the outbox, what is done through Moves, so that the network
// may be away between the fetching of the questions and the end.
import "opic/sitting/exam-timer";
import { holdMicrophone, letGo } from "opic/recorder/microphone";
import { OpicElement } from "opic/shared/element";
import { actionsOf } from "opic/sitting/sitting-actions";
import { Item } from "opic/sitting/sitting-item";
import { Moves } from "opic/sitting/sitting-moves";
import { SetUp } from "opic/sitting/sitting-setup";
import { Sound } from "opic/sitting/sitting-sound";
import { SittingView } from "opic/sitting/sitting-view";
import { flush, waiting, watch } from "opic/outbox/upload-queue";

const PATIENCE = 8000;

class Sitting extends OpicElement {
  actions = actionsOf(this);

  connectedCallback() {
    super.connectedCallback();
    this.page = JSON.parse(this.getAttribute("page"));
    this.items = new Map(this.page.items.map((item) => [item.n, item]));
    this.known = this.page.state;
    this.sound = new Sound();
    this.view = new SittingView(this);
    this.setUp = new SetUp(this);
    this.timer = this.querySelector("opic-exam-timer");
    this.moves = new Moves(this.page, {
      state: (state) => this.learn(state),
      signedOut: (is) => this.view.signedOut(is),
      online: (is) => this.view.online(is),
    });
    this.unwatch = watch(() => this.count());
    this.listenTo(this, "timer:over");
    this.listenTo(this, "toggle", this, { capture: true });
    this.guard = (event) => this.item?.capture && event.preventDefault();
    addEventListener("beforeunload", this.guard);
    this.sources = () => [...this.items.values()].map(({ src }) => src);
    this.fetched = this.sound.fetchAll([this.page.sample, ...this.sources()], (n, all) =>
      this.view.fetched(n, all),
    );
    this.view.stage(this.known.status === "preparing" ? "check" : "back");
    this.count();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.moves.close();
    this.unwatch();
    this.view.close();
    removeEventListener("beforeunload", this.guard);
    letGo();
  }

  handleEvent({ type, target }) {
    if (type === "timer:over") return this.timeUp();
    if (this.item && target.matches(".sitting-hint")) this.item.usedHint ||= target.open;
  }

  learn(state) {
    this.known = state;
    if (state.status === "in_progress") this.timer.sync(state.left, !state.paused);
    if (state.status === "submitted" && this.stageName !== "end" && !this.item?.capture)
      this.finish();
  }

  placeOf(n) {
    return this.view.words("place", n).replace("[total]", this.known.total);
  }

  // what an item shows
  show(state, more = {}) {
    const { isSample } = this.item?.told ?? {};
    this.view.item(state, { ...more, isSample, isRelaxed: this.page.mode === "relaxed" });
  }

  async count() {
    const mine = (await waiting(this.getAttribute("user"))).filter(({ url }) =>
      url.includes(this.page.id),
    );
    this.waiting = mine.length;
    this.view.unsent(mine.length);
    if (this.isHandedIn && !mine.length) this.report();
  }

  // --- the test ---

  async begin() {
    this.view.busy("begin", true);
    await this.fetched;
    const { reply } = await this.moves.insist("start");
    if (reply.status !== "in_progress") return location.assign(this.page.urls.report);
    this.enter(reply.position);
  }

  /** After a reload: the same question, with the right time left. */
  async back() {
    this.view.busy("back", true);
    try {
      await holdMicrophone();
    } catch (fault) {
      this.view.busy("back", false);
      return this.view.warn(fault.help ?? "microphone");
    }
    await this.moves.flush();
    const { reply } = await this.moves.insist("resume");
    await this.fetched;
    if (reply.status !== "in_progress") return this.finish();
    this.enter(this.moves.position(reply.position));
  }

  async enter(n) {
    this.item = null;
    if (!this.timer.left) return this.finish();
    if (!this.items.has(n))
      return n === this.page.readjustAfter + 1 ? this.askToReadjust() : this.finish();
    this.view.stage("item", this.placeOf(n));
    const item = new Item(this, this.items.get(n));
    this.item = item;
    this.view.aids(item.told);
    if ((await item.recover()) === "said") this.on(item);
  }

  next() {
    this.on(this.item);
  }

  async on(item) {
    const left = await item.leave();
    if (!left) return;
    if (item.told.isSample) return this.setUp.done();
    this.moves.push(left);
    this.enter(item.told.n + 1);
  }

  askToReadjust() {
    this.view.stage("readjust");
  }

  async readjust(button) {
    this.view.busy("readjust", true);
    const { reply } = await this.moves.insist("readjust", { shift: button.dataset.shift });
    for (const item of reply.items ?? []) this.items.set(item.n, item);
    await this.sound.fetchAll(this.sources(), (n, all) => this.view.fetched(n, all));
    this.view.busy("readjust", false);
    if (reply.status !== "in_progress") return this.finish();
    this.enter(this.page.readjustAfter + 1);
  }

  async pause() {
    const { ok } = await this.moves.say("pause").catch(() => ({}));
    if (ok) this.show("paused");
  }

  async unpause() {
    this.view.busy("unpause", true);
    await this.moves.insist("resume");
    this.view.busy("unpause", false);
    this.show("ready", { hasPart: Boolean(this.item?.row) });
  }

  /** The clock ends: what is being said is kept. */
  async timeUp() {
    if (this.stageName === "end") return;
    const left = await this.item?.leave();
    if (left) this.moves.push(left);
    this.finish();
  }

  async early() {
    const left = await this.item?.leave();
    if (left) this.moves.push(left);
    this.finish();
  }

  async finish() {
    if (this.isEnding) return;
    this.isEnding = true;
    this.item = null;
    this.view.stage("end");
    this.timer.stop();
    letGo();
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    await Promise.race([flush({ eager: true }), patience]); // handed in with the last answer, if the network is there
    await this.moves.insist("submit");
    this.isHandedIn = true;
    this.view.handedIn();
    this.count();
  }

  report() {
    location.assign(this.page.urls.report);
  }
}

customElements.define("opic-sitting", Sitting);
