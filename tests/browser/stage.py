"""Where things stand on the question's page: sizes, and what may cover what."""

from playwright.sync_api import Page

SIZES = ["390x664", "390x844", "320x568", "640x400", "1280x800"]
PHONES = ["390x664", "390x844", "320x568"]
LOOKS = ("light", "dark")

# controls that are scrolled into view and still covered by something else
COVERED = """(method) => [...document.querySelectorAll("[data-do=play], summary")]
  .filter((one) => one.checkVisibility() && !one.closest("[popover]"))
  .filter((one) => {
    if (method === "nearest") one.scrollIntoView({ block: "nearest" });
    else if (method === "start") one.scrollIntoView({ block: "start" });
    const { left, top, width, height } = one.getBoundingClientRect();
    return !one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  })
  .map((one) => one.textContent.trim())"""

# the control that has the focus: its name, and whether all of it can be seen
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  one.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length + 1);
  const recorder = document.querySelector("opic-recorder");
  const { top, bottom, left, right } = one.getBoundingClientRect();
  const isFixed = getComputedStyle(recorder).position === "fixed";
  const end = isFixed && !recorder.contains(one)
    ? recorder.getBoundingClientRect().top : innerHeight;
  const isWhole = top >= -0.5 && left >= -0.5 && bottom <= end + 0.5 && right <= innerWidth + 0.5;
  return { stop: one.dataset.stop, isWhole,
    name: `${one.tagName} ${one.textContent.trim().slice(0, 30)} ${top}-${bottom} of ${end}` };
}"""

BOX = """(one) => { const { top, bottom, left, right, width, height } = one.getBoundingClientRect();
  return { top, bottom, left, right, width, height }; }"""


def viewport(size: str) -> dict[str, int]:
    """Turn 390x664 into what a browser's context wants."""
    width, height = size.split("x")
    return {"width": int(width), "height": int(height)}


def box(page: Page, selector: str) -> dict[str, float]:
    """Return where it stands on the screen, in pixels."""
    return dict(page.locator(selector).first.evaluate(BOX))


def covered(page: Page) -> list[str]:
    """Return the names of what cannot be pressed because something lies over it."""
    return [name for method in ("nearest", "start") for name in page.evaluate(COVERED, method)]


def half_hidden_at_focus(page: Page, most: int = 70) -> list[str]:
    """Go once round the page by Tab; return what has the focus and is not wholly visible."""
    hidden: list[str] = []
    stops: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or focused["stop"] in stops[-1:]:
            continue  # the browser's own bar, or a part of a native player
        if focused["stop"] in stops:
            break
        stops.append(focused["stop"])
        if not focused["isWhole"]:
            hidden.append(focused["name"])
    assert len(stops) > 8, "Tab went nowhere"
    page.evaluate("document.querySelectorAll('[data-stop]').forEach((o) => delete o.dataset.stop)")
    return hidden


def unfold_everything(page: Page) -> None:
    """Open every fold-out of the page; the menus of the frame stay shut."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
