// The base of our custom elements. A button names what it does, <button data-do="again">, and the element around it
// lists who answers: actions = { again: () => this.startAgain() }. What an element listens to ends when it leaves.
import { wordsOf } from "opic/shared/words";

export class OpicElement extends HTMLElement {
  /** By the name in data-do: a function of the button that was pressed. */
  actions = {};
  #leaving;

  /** Elements that override this or the next call it first. */
  connectedCallback() {
    this.words = wordsOf(this);
    this.#leaving = new AbortController();
    this.listenTo(this, "click", ({ target }) => this.#answer(target));
  }

  disconnectedCallback() {
    this.#leaving.abort();
  }

  part(name, root = this) {
    return root.querySelector(`[data-part="${name}"]`);
  }

  /** Calls `listener` for one type of event or several, until the element leaves the page. */
  listenTo(target, types, listener = this, options = {}) {
    for (const type of [types].flat())
      target.addEventListener(type, listener, { ...options, signal: this.#leaving.signal });
  }

  #answer(target) {
    const button = target.closest("[data-do]");
    const name = button?.dataset.do;
    // a name that is not ours belongs to an element inside or around this one
    if (Object.hasOwn(this.actions, name)) this.actions[name](button);
  }
}
