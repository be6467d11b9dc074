// <opic-result>: where the result of the answer just sent comes up. It takes the screen and the focus; whoever scrolled or
// went elsewhere between Submit and result is left there, and offered the way. `below`: what follows it on a phone.
import { OpicElement } from "opic/shared/element";

const ELSEWHERE = 40; // pixels; less is a finger that rests
const ENOUGH = 0.6; // of the screen, and nothing moves

const placeOf = (one) => ({ page: scrollY, here: one.getBoundingClientRect().top });

class Result extends OpicElement {
  actions = { seeResult: () => this.take() };

  connectedCallback() {
    super.connectedCallback();
    this.button = this.querySelector("[data-do=seeResult]");
    this.below = document.getElementById(this.getAttribute("below"));
    this.listenTo(document, ["recorder:state", "upload:saved", "guest:claimed", "guest:sent"]);
    this.listenTo(document, "focusin", ({ target }) => (this.hasFocus = this.contains(target)));
    this.listenTo(document, "scroll", () => this.onScroll());
    this.listenTo(this, "htmx:beforeSwap", () => this.sample());
    this.swaps = new MutationObserver(() => this.onSwap());
    this.swaps.observe(this, { childList: true });
    this.shifts = new MutationObserver(() => this.stay());
    this.sight = new IntersectionObserver(([{ isIntersecting }]) => this.onSight(isIntersecting), {
      rootMargin: "0px 0px -50% 0px",
    });
    this.sight.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const watcher of [this.swaps, this.shifts, this.sight]) watcher.disconnect();
  }

  handleEvent({ type, detail }) {
    if (type === "upload:saved" || type === "guest:sent") this.isDue = true;
    if (type === "upload:saved") return;
    if (type.startsWith("guest:") || detail.state === "submitting")
      Object.assign(this, { isAwaited: true, moved: 0, last: placeOf(this.below) });
    else if (detail.state === "asking") this.isAwaited = false; // the next answer is being spoken
  }

  /** What grows or shrinks above changes one of the two, or neither; a person who scrolls changes both. */
  sample() {
    if (!this.isAwaited) return;
    const now = placeOf(this.below);
    const [page, here] = [now.page - this.last.page, now.here - this.last.here];
    const { scrollHeight, clientHeight } = document.documentElement;
    const isCut = page < 0 && now.page >= scrollHeight - clientHeight - 1; // the page has shrunk
    if (!isCut) this.moved += Math.sign(page) * Math.min(Math.abs(page), Math.abs(here));
    this.last = now;
  }

  get isElsewhere() {
    const focus = document.activeElement;
    const isOurs = focus.closest("opic-recorder, opic-guest-offer, opic-result");
    if (focus !== document.body && !isOurs) return true;
    return !this.isAwaited || Math.abs(this.moved) > ELSEWHERE;
  }

  onSwap() {
    if (!this.isDue) {
      if (this.hasFocus && document.activeElement === document.body) this.focusHeading();
      return;
    }
    this.isDue = false;
    this.dataset.fresh = "";
    const { isElsewhere } = this;
    this.isAwaited = false;
    if (isElsewhere) this.button.hidden = this.share > 0;
    else this.take();
  }

  /** Under the eyes, the panel stays and what follows it moves; the browser's own anchoring would do the opposite. */
  onScroll() {
    this.sample();
    const { top, bottom } = this.getBoundingClientRect();
    this.toggleAttribute("data-still", top < innerHeight / 2 && bottom > 0);
    this.stay();
  }

  onSight(is) {
    if (is) this.button.hidden = true;
  }

  /** The part of the screen's height that shows it from its top, 0 … 1; all of it counts as the whole screen. */
  get share() {
    const { top, bottom } = this.getBoundingClientRect();
    const foot = parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom) || 0;
    const end = Math.min(bottom, innerHeight - foot);
    if (top < 0) return 0;
    return bottom <= end ? 1 : (end - top) / innerHeight;
  }

  /** Without a glide: who wants no motion gets none, and nothing is under way when the figures come. */
  take() {
    this.button.hidden = true;
    this.focusHeading();
    this.toggleAttribute("data-still", true);
    if (this.share < ENOUGH) this.scrollIntoView({ block: "start" });
    this.placed = placeOf(this);
    const everything = { subtree: true, childList: true, attributes: true, characterData: true };
    this.shifts.observe(document.body, everything);
  }

  /** What comes and goes above, the bar of the outbox for one, moves nothing until the person scrolls. */
  stay() {
    if (!this.placed) return;
    const { page, here } = placeOf(this);
    if (Math.abs(page - this.placed.page) > 2) {
      this.placed = null;
      this.shifts.disconnect();
    } else if (Math.abs(here - this.placed.here) >= 1) {
      scrollBy(0, here - this.placed.here);
      this.placed.page = scrollY;
    }
  }

  focusHeading() {
    const heading = this.querySelector("#rating-title") ?? this.querySelector("h2");
    if (!heading || heading === document.activeElement) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

customElements.define("opic-result", Result);
