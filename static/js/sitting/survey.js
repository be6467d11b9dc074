// <opic-survey-count>: how many are picked, as one picks. The server decides what is enough.
import { OpicElement } from "opic/shared/element";

const ALONE = "no-exercise";

class SurveyCount extends OpicElement {
  connectedCallback() {
    super.connectedCallback();
    this.listenTo(this, "change");
    this.handleEvent({});
  }

  boxes(list = "") {
    return [...this.querySelectorAll(`input[type="checkbox"]${list && `[name="${list}"]`}`)];
  }

  handleEvent({ target }) {
    if (target?.checked && target.name === "sports") this.exclude(target);
    const count = this.boxes().filter(({ checked }) => checked).length;
    this.part("count").textContent = count;
    let isEnough = count >= Number(this.getAttribute("least"));
    for (const list of this.querySelectorAll("fieldset[data-list]")) {
      const mine = this.boxes(list.dataset.list).filter(({ checked }) => checked).length;
      list.dataset.isEnough = mine >= Number(list.dataset.least);
      isEnough &&= mine >= Number(list.dataset.least);
    }
    this.closest("form").querySelector('[type="submit"]').disabled = !isEnough;
  }

  /** No sport at all goes with no other sport. */
  exclude(target) {
    for (const box of this.boxes("sports")) {
      if ((box.value === ALONE) !== (target.value === ALONE)) box.checked = false;
    }
  }
}

customElements.define("opic-survey-count", SurveyCount);
