"""Two browsers behind one set of actions: the system's Firefox and WebKitGTK."""

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.engines.devices import ending
from tests.product import free_port, wait_for_port

HERE = Path(__file__).parent
# what went wrong on any page of this tab, in the order it came
WATCH = """
{
  const note = (text) => {
    const noted = JSON.parse(sessionStorage.getItem("problems") ?? "[]");
    sessionStorage.setItem("problems", JSON.stringify([...noted, text]));
  };
  addEventListener("error", ({ message }) => message && note(`error: ${message}`));
  addEventListener("unhandledrejection", ({ reason }) => note(`rejection: ${reason}`));
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    note(`csp: ${violatedDirective} ${blockedURI}`));
}
"""
# it can be pressed, stands still, and nothing lies over it
IS_LIVE = """async (selector) => {
  const one = document.querySelector(selector);
  if (!one?.getClientRects().length || one.disabled) return false;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const before = one.getBoundingClientRect();
  await new Promise((done) => setTimeout(done, 100));
  const { left, top, width, height } = one.getBoundingClientRect();
  const above = document.elementFromPoint(left + width / 2, top + height / 2);
  return left === before.left && top === before.top && one.contains(above);
}"""


class EngineError(Exception):
    """The browser, or what drives it, refused a command."""


class Browser(ABC):
    """What people do in a browser; how, is said below."""

    name: str

    @abstractmethod
    def goto(self, url: str) -> None:
        """Open an address."""

    @abstractmethod
    def reload(self) -> None:
        """Load the page anew."""

    @abstractmethod
    def evaluate(self, script: str, *values: Any) -> Any:
        """Return what a function of the page comes to; a promise is waited for."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Press what the selector finds, once it stands still."""

    @abstractmethod
    def type(self, selector: str, text: str) -> None:
        """Write a text into a field."""

    @abstractmethod
    def screenshot(self, path: Path) -> None:
        """Save a picture of what is seen."""

    def wait(self, script: str, *values: Any, seconds: float = 20) -> Any:
        """Return what the function comes to once that is true; AssertionError after `seconds`.

        A page that is just being left has no reply; it is asked again.
        """
        end, result = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                if result := self.evaluate(script, *values):
                    return result
            except EngineError as error:
                result = error
            time.sleep(0.1)
        raise AssertionError(f"{script} {values}: {result!r} after {seconds} s")

    def press(self, selector: str, seconds: float = 20) -> None:
        """Click, once it is there, visible and enabled."""
        self.wait(IS_LIVE, selector, seconds=seconds)
        self.click(selector)

    def wait_for(self, selector: str, seconds: float = 20) -> None:
        """Return once an element fits."""
        self.wait(
            "(selector) => Boolean(document.querySelector(selector))", selector, seconds=seconds
        )

    def text(self, selector: str) -> str:
        """Return the text of an element that is there."""
        return str(self.evaluate("(one) => document.querySelector(one).textContent", selector))

    def problems(self) -> list[str]:
        """Return the errors and violations of this tab, and forget them."""
        script = """() => {
          const noted = JSON.parse(sessionStorage.getItem("problems") ?? "[]");
          sessionStorage.removeItem("problems");
          return noted;
        }"""
        return list(self.evaluate(script))


class Firefox(Browser):
    """Over WebDriver BiDi, by the script beside this module."""

    name = "firefox"

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.version = str(self._read())

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        reply = json.loads(line or '{"error": "the browser has gone"}')
        if "error" in reply:
            raise EngineError(reply["error"])
        return reply["value"]

    def _do(self, action: str, **fields: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": action, **fields}).encode() + b"\n")
        self.process.stdin.flush()
        return self._read()

    def goto(self, url: str) -> None:
        self._do("goto", url=url)

    def reload(self) -> None:
        self._do("reload")

    def evaluate(self, script: str, *values: Any) -> Any:
        return self._do("evaluate", script=script, values=values)

    def click(self, selector: str) -> None:
        self._do("click", selector=selector)

    def type(self, selector: str, text: str) -> None:
        self._do("type", selector=selector, text=text)

    def screenshot(self, path: Path) -> None:
        self._do("screenshot", path=str(path))

    def close(self) -> None:
        self._do("close")


@contextmanager
def firefox(folder: Path, environment: dict[str, str]) -> Iterator[Firefox]:
    """A Firefox without a window, its profile below `folder`."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program, "Firefox is missing"
    every = {**os.environ, **environment, "HOME": str(folder)}
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen(
            ["node", str(HERE / "firefox.js"), program, str(folder / "profile"), WATCH],
            env=every,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        with ending(process):
            browser = Firefox(process)
            yield browser
            browser.close()


ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ASYNC = """const done = arguments[arguments.length - 1];
const values = [...arguments].slice(0, -1);
Promise.resolve().then(() => (%s)(...values)).then(
  (value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));"""


class WebKit(Browser):
    """Over WebDriver, in the window beside this module."""

    name = "webkit"

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self.base = f"http://127.0.0.1:{port}/session"
        session = self._send("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.base += f"/{session['sessionId']}"
        self.version = str(session["capabilities"].get("browserVersion"))
        self._send("POST", "/timeouts", {"script": 30_000, "pageLoad": 30_000})

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise EngineError(error.read().decode()) from error

    def goto(self, url: str) -> None:
        self._send("POST", "/url", {"url": url})

    def reload(self) -> None:
        self._send("POST", "/refresh", {})

    def evaluate(self, script: str, *values: Any) -> Any:
        reply = self._send("POST", "/execute/async", {"script": ASYNC % script, "args": values})
        if "error" in reply:
            raise EngineError(reply["error"])
        return reply["value"]

    def _element(self, selector: str) -> str:
        place = {"using": "css selector", "value": selector}
        return str(self._send("POST", "/element", place)[ELEMENT])

    def click(self, selector: str) -> None:
        self._send("POST", f"/element/{self._element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._send("POST", f"/element/{self._element(selector)}/value", {"text": text})

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def close(self) -> None:
        # it ends the window first, and then does not find it
        with suppress(EngineError):
            self._send("DELETE", "")


@contextmanager
def webkit(folder: Path, environment: dict[str, str]) -> Iterator[WebKit]:
    """A WebKitGTK window of our own, its data below `folder`."""
    port, script = free_port(), folder / "watch.js"
    script.write_text(WATCH)
    window = [str(HERE / "webkit_window.py"), str(folder), str(script)]
    capabilities = {
        "webkitgtk:browserOptions": {"binary": "/usr/bin/python3", "args": window},
        "unhandledPromptBehavior": "accept",
    }
    every = {**os.environ, **environment, "HOME": str(folder), "NO_AT_BRIDGE": "1"}
    with (folder / "webkit.log").open("wb") as log:
        process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"], env=every, stdout=log, stderr=log
        )
        with ending(process):
            wait_for_port(port)
            browser = WebKit(port, capabilities)
            try:
                yield browser
            finally:
                browser.close()
