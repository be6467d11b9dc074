// <opic-card-keys>: cards by keyboard. Keys count only while the focus is inside, so nothing else on the page is taken over;
// in the field every key but Enter is typing. Which key does what stands on the buttons (data-key).
import { OpicElement } from "opic/shared/element";

class CardKeys extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.listenTo(this, "keydown");
    if (document.activeElement === document.body)
      this.querySelector("[data-focus]")?.focus({ preventScroll: true });
  }

  handleEvent(event) {
    const { key, target, repeat } = event;
    if (repeat || event.ctrlKey || event.altKey || event.metaKey || target.closest("input")) return;
    if (key === "Enter" && target.closest("a, button")) return; // it does what it always does
    const button = this.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
}

customElements.define("opic-card-keys", CardKeys);
