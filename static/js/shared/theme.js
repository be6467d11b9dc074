// <opic-theme>: light, dark, or as the device has it. Kept in a cookie: the server prints the attribute, nothing flashes.
import { OpicElement } from "opic/shared/element";

const YEAR = 31_536_000;
const root = document.documentElement.dataset;

class Theme extends OpicElement {
  actions = { useTheme: ({ dataset }) => this.use(dataset.theme) };

  connectedCallback() {
    super.connectedCallback();
    this.mark();
  }

  use(chosen) {
    root.bsTheme = chosen;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${chosen}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
    this.mark();
  }

  mark() {
    for (const button of this.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", button.dataset.theme === root.bsTheme);
    }
  }
}

customElements.define("opic-theme", Theme);
