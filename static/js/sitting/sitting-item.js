// One question of a sitting: ready -> playing -> starting -> recording (replay for some seconds) -> leaving. Recording
// starts by itself when Ava has spoken; a replay starts it anew; there is no way back.
import { Capture } from "opic/recorder/capture";
import { adopt } from "opic/recorder/drafts";
import { watchVoice } from "opic/recorder/voice-watch";
import { drop, find } from "opic/outbox/outbox-store";
import { submit } from "opic/outbox/upload-queue";

const wait = (seconds, what) => setTimeout(what, seconds * 1000);

export class Item {
  /** `host`: the sitting's view and page; `told`: what the server said of the item. */
  constructor(host, told) {
    Object.assign(this, { host, told, heard: 0, usedHint: false, isLeft: false, timers: [] });
  }

  /** Takes up what a reload or a crash left behind. Resolves with "said" when it is on its way already. */
  async recover() {
    this.letGo = await adopt(this.told.key); // or another tab would offer it as left behind
    const row = this.told.said ? null : await find(this.told.key);
    if (this.told.said || (row && row.state !== "draft")) return "said";
    this.row = row?.segments.length ? row : null;
    this.host.show("ready", { hasPart: Boolean(this.row) });
    return "open";
  }

  #newRow() {
    const { n, key, token, url, ticketUrl } = this.told;
    return {
      key,
      token,
      url,
      ticketUrl,
      user: this.host.getAttribute("user"),
      label: this.host.placeOf(n),
      mime: "",
      segments: [],
      elapsedMs: 0,
      state: "draft",
      recordedAt: new Date().toISOString(),
      tries: 0,
      nextTryAt: 0,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
  }

  async play() {
    if (this.isBusy) return;
    this.isBusy = true;
    this.#stopTimers();
    const hadPart = Boolean(this.row?.segments.length);
    this.host.show("loading");
    try {
      await this.host.sound.play(this.told.src, () => this.host.show("playing"));
      this.heard += 1;
    } catch {
      this.isBusy = false;
      return this.host.show("blocked", { hasPart: hadPart });
    }
    this.isBusy = false;
    if (!this.isLeft) await this.record(hadPart);
  }

  async record(hadPart) {
    const { host } = this;
    this.row ??= this.#newRow();
    this.lastingWarning = "";
    host.show("starting");
    this.capture = new Capture(this.row, {
      started: () => {},
      lost: (reason) => this.#lost(reason),
      silence: (is) => host.view.warn(is ? "silence" : this.lastingWarning),
      stored: () => {},
      barren: (key) => host.view.warn((this.lastingWarning = key)),
    });
    try {
      if (!(await this.capture.resume())) return;
    } catch (fault) {
      return host.show("no-microphone", { help: fault.help ?? "microphone" });
    }
    if (this.isLeft) return;
    host.view.wave.follow(this.capture.analyser);
    const replays = hadPart ? 0 : host.page.replays - (this.heard - 1);
    const help = this.lastingWarning; // the recorder may have given nothing before it was ready
    host.show("recording", { mayReplay: replays > 0, mayLeave: hadPart, help });
    watchVoice(this.capture, (isQuiet) => host.view.say(isQuiet ? "quiet" : "recording"));
    const { replaySeconds, nextSeconds, cueSeconds } = host.page;
    this.timers = [
      wait(nextSeconds, () => host.view.allow("next", true)),
      wait(replaySeconds, () => host.view.allow("replay", false)),
    ];
    if (cueSeconds)
      this.timers.push(wait(cueSeconds, () => host.view.warn(this.lastingWarning || "cue")));
  }

  #stopTimers() {
    this.timers.forEach(clearTimeout);
    this.timers = [];
  }

  #lost(reason) {
    this.host.view.wave.rest();
    this.host.show("no-microphone", { help: reason });
  }

  /** The microphone is there again: what was said is kept, a second piece joins it. */
  async again() {
    await this.record(true);
  }

  /** Once more: what was said up to here is forgotten. */
  async replay() {
    if (this.isBusy) return;
    this.#stopTimers();
    this.host.show("loading");
    this.host.view.wave.clear();
    await this.#end();
    await drop(this.told.key);
    this.row = null;
    await this.play();
  }

  async #end() {
    const { capture } = this;
    this.capture = null;
    await capture?.finish();
  }

  /** The end of it, by Next or by the clock: what was said goes on its way by itself. */
  async leave() {
    if (this.leaving) {
      await this.leaving; // a second press, or the clock, waits until it is on its way
      return null;
    }
    this.leaving = this.#leave();
    return this.leaving;
  }

  async #leave() {
    this.isLeft = true;
    this.#stopTimers();
    this.host.sound.stop();
    this.host.show("leaving");
    this.host.view.wave.clear();
    await this.#end();
    const hasSaid = Boolean(this.row && this.row.segments.some(({ sizes }) => sizes.length));
    if (hasSaid && !this.told.isSample) submit(this.row.key, { acceptPartial: true });
    else if (this.row) await drop(this.row.key);
    this.letGo?.();
    const flags = { heard_twice: this.heard > 1, used_hint: this.usedHint, is_skipped: !hasSaid };
    const told = Object.entries(flags).map(([name, is]) => [name, is ? "1" : "0"]);
    return { number: this.told.n, ...Object.fromEntries(told) };
  }
}
