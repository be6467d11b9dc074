"""A window for WebKitWebDriver, with the system's Python: WebKitGTK as automation finds it.

    /usr/bin/python3 webkit_window.py DATA_FOLDER INIT_SCRIPT

Every permission is granted; the script in the file INIT_SCRIPT runs first on each page.
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

folder, init_script = Path(sys.argv[1]), Path(sys.argv[2]).read_text()
manager = WebKit2.WebsiteDataManager(
    base_data_directory=str(folder / "data"), base_cache_directory=str(folder / "cache")
)
context = WebKit2.WebContext(website_data_manager=manager)
context.set_automation_allowed(True)
context.set_preferred_languages(["en-US"])


def create_view(_session):
    scripts = WebKit2.UserContentManager()
    scripts.add_script(
        WebKit2.UserScript(
            init_script,
            WebKit2.UserContentInjectedFrames.TOP_FRAME,
            WebKit2.UserScriptInjectionTime.START,
            None,
            None,
        )
    )
    settings = WebKit2.Settings(
        enable_media_stream=True,
        enable_mediasource=True,
        enable_webaudio=True,
        media_playback_requires_user_gesture=False,
        hardware_acceleration_policy=WebKit2.HardwareAccelerationPolicy.NEVER,
    )
    view = WebKit2.WebView(
        web_context=context,
        is_controlled_by_automation=True,
        user_content_manager=scripts,
        settings=settings,
    )
    view.connect("permission-request", lambda _view, request: request.allow() or True)
    window = Gtk.Window(default_width=400, default_height=844)
    window.add(view)
    window.show_all()
    window.connect("destroy", Gtk.main_quit)
    return view


def begin(_context, session):
    info = WebKit2.ApplicationInfo()
    info.set_name("opic-engines")
    session.set_application_info(info)
    session.connect("create-web-view", create_view)


context.connect("automation-started", begin)
Gtk.main()
