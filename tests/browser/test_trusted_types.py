"""Text becomes markup or a script through one policy alone, where the browser knows of it."""

TRIED = {
    "markup": "document.createElement('div').innerHTML = '<b>x</b>'",
    "beside": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "page": "document.write('<b>x</b>')",
    "frame": "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "script": "document.createElement('script').src = '/static/x.js'",
    "inline": "document.createElement('script').text = 'x()'",
    "worker": "new Worker('/sw.js')",
    "handler": "document.body.setAttribute('onclick', 'x()')",
    "second": "trustedTypes.createPolicy('another', {})",
    "elsewhere": "navigator.serviceWorker.register('/other.js')",
}


def refused(page, script: str) -> bool:
    """Does the browser refuse it with an error of types? A promise is waited for."""
    work = f"async () => {{ await ({script}); return false; }}"
    return page.evaluate(f"() => ({work})().catch((error) => error instanceof TypeError)")


def test_only_the_parser_and_our_worker_take_text(open_page):
    page = open_page(service_workers="allow")
    for path in ("/", "/offline/", "/privacy/"):
        page.goto(path)
        page.wait_for_load_state("load")
        if not page.evaluate("Boolean(globalThis.trustedTypes)"):
            raise AssertionError("this Chromium has no trusted types: the test would show nothing")
        assert [name for name, script in TRIED.items() if not refused(page, script)] == [], path
    # a fresh page: those violations were ours
    page.goto("/")
    text = "new DOMParser().parseFromString('<p>x</p>', 'text/html').body.textContent"
    assert page.evaluate(text) == "x"
