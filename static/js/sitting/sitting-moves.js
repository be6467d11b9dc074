// What the page tells the server of a sitting, in order and until it has heard: "on from item n". Written down on the
// device first, so that neither a tunnel nor a crash loses a step; the server takes each once.
import { post } from "opic/shared/csrf";

const AGAIN = 2000;
const BEAT = 20_000;

export class Moves {
  #sending = null;

  /** `on`: { state(reply), signedOut(), online(is) } */
  constructor(page, on) {
    Object.assign(this, { page, on, name: `opic-sitting-${page.id}` });
    this.beat = setInterval(() => this.say("state").catch(() => {}), BEAT);
    this.wake = () => document.visibilityState === "visible" && this.flush();
    for (const type of ["online", "focus"]) addEventListener(type, this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  close() {
    clearInterval(this.beat);
    clearTimeout(this.alarm);
    for (const type of ["online", "focus"]) removeEventListener(type, this.wake);
    document.removeEventListener("visibilitychange", this.wake);
  }

  get waiting() {
    try {
      return JSON.parse(localStorage.getItem(this.name)) ?? [];
    } catch {
      return this.memory ?? [];
    }
  }

  set waiting(list) {
    this.memory = list;
    try {
      if (list.length) localStorage.setItem(this.name, JSON.stringify(list));
      else localStorage.removeItem(this.name);
    } catch {
      // private window: memory has it
    }
  }

  /** The item this device is at, which the server may not know yet. */
  position(known) {
    return Math.max(known, ...this.waiting.map(({ number }) => number + 1));
  }

  push(move) {
    this.waiting = [...this.waiting, move];
    this.flush();
  }

  flush() {
    clearTimeout(this.alarm);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
      if (this.waiting.length) this.alarm = setTimeout(() => this.flush(), AGAIN);
    });
    return this.#sending;
  }

  async #send() {
    while (this.waiting.length) {
      const [move] = this.waiting;
      try {
        const { ok, status, reply } = await this.say("advance", move);
        const isDone = ok || (status === 409 && reply.position > move.number);
        if (!isDone && status !== 409) return; // not now; the next round
        // others may have joined meanwhile; over, or elsewhere: the server's word counts
        this.waiting = isDone ? this.waiting.filter(({ number }) => number !== move.number) : [];
      } catch {
        return;
      }
    }
  }

  /** One POST. Rejects when there is no connection; signed out and server faults come back as they are. */
  async say(what, fields = {}) {
    let answer;
    try {
      answer = await post(this.page.urls[what], fields);
    } catch (fault) {
      this.on.online(false);
      throw fault;
    }
    this.on.online(true);
    if (answer.status === 401) this.on.signedOut(true);
    const reply = await answer.json().catch(() => null);
    if (reply?.status) {
      this.on.signedOut(false);
      this.on.state(reply);
    }
    return { ok: answer.ok && Boolean(reply), status: answer.status, reply: reply ?? {} };
  }

  /** Until the server has heard and answered; for what cannot go on without it. */
  async insist(what, fields, isSettled = ({ ok, status }) => ok || status === 409) {
    for (;;) {
      await this.flush();
      try {
        const heard = await this.say(what, fields);
        if (isSettled(heard)) return heard;
      } catch {
        // no connection: again in a moment
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}
