// <opic-result>: where the result of the answer just sent comes up. It takes the screen and the focus; whoever scrolled or
// went elsewhere between Submit and result is left there, and offered the way.
import { OpicElement } from "opic/shared/element";

const ELSEWHERE = 40; // pixels; less is a finger that rests
const ENOUGH = 0.6; // of the screen, and nothing moves

class Result extends OpicElement {
  actions = { seeResult: () => this.take() };

  connectedCallback() {
    super.connectedCallback();
    this.button = this.querySelector("[data-do=seeResult]");
    this.listenTo(document, ["recorder:state", "upload:saved", "guest:claimed"]);
    this.listenTo(document, "focusin", ({ target }) => (this.hasFocus = this.contains(target)));
    this.swaps = new MutationObserver(() => this.onSwap());
    this.swaps.observe(this, { childList: true });
    this.shifts = new MutationObserver(() => this.stay());
    this.listenTo(document, "scroll", () => this.stay());
    this.sight = new IntersectionObserver(([{ isIntersecting }]) => this.onSight(isIntersecting), {
      rootMargin: "0px 0px -50% 0px",
    });
    this.sight.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.swaps.disconnect();
    this.shifts.disconnect();
    this.sight.disconnect();
  }

  handleEvent({ type, detail }) {
    if (type === "upload:saved") this.isDue = true;
    else if (type === "guest:claimed" || detail.state === "submitting") this.left = this.position();
    else if (detail.state === "asking") this.left = null; // the next answer is being spoken
  }

  position() {
    return { page: scrollY, here: this.getBoundingClientRect().top };
  }

  /** What grows or shrinks above moves only one of the two; a person who scrolls moves both. */
  get isElsewhere() {
    if (!this.left) return true;
    const focus = document.activeElement;
    if (focus !== document.body && !focus.closest("opic-recorder, opic-guest-offer, opic-result"))
      return true;
    const [was, is] = [this.left, this.position()];
    return Math.min(Math.abs(is.page - was.page), Math.abs(is.here - was.here)) > ELSEWHERE;
  }

  onSwap() {
    if (!this.isDue) {
      if (this.hasFocus && document.activeElement === document.body) this.focusHeading();
      return;
    }
    this.isDue = false;
    const { isElsewhere } = this;
    this.left = null;
    this.dataset.fresh = "";
    if (isElsewhere) this.button.hidden = this.isInSight;
    else this.take();
  }

  onSight(is) {
    this.isInSight = is;
    if (is) this.button.hidden = true;
  }

  /** The part of the screen's height that shows it, 0 … 1; all of it counts as the whole screen. */
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
    if (this.share >= ENOUGH) return;
    this.scrollIntoView({ block: "start" });
    this.placed = this.position();
    const everything = { subtree: true, childList: true, attributes: true, characterData: true };
    this.shifts.observe(document.body, everything);
  }

  /** What comes and goes above, the bar of the outbox for one, moves nothing until the person scrolls. */
  stay() {
    if (!this.placed) return;
    const { page, here } = this.position();
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
