// <opic-theme>: light, dark, or as the device has it. Kept in a cookie: the server prints the attribute, nothing flashes.

const YEAR = 31_536_000;
const root = document.documentElement.dataset;

class Theme extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.mark();
  }

  handleEvent({ target }) {
    const chosen = target.closest("[data-theme]")?.dataset.theme;
    if (!chosen) return;
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
