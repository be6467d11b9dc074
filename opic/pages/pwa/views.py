"""The installed app: manifest, service worker, the page that works without a network, its store.

`/sw.js` has the root as its scope and is never cached, so that a release is noticed. `/offline/` is
the same for everybody: what it shows comes from a store on the device, for one person.
"""

import json
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_safe

from accounts.devices import device_of
from accounts.models import User
from accounts.streaks import status_of
from opic.context_processors import script_names
from opic.lib.headers import records_speech
from opic.pages.pwa.offline_prompts import prompts_for
from opic.pages.pwa.offline_responses import responses_of
from practice.cards import deck
from practice.learner import LearnerContext, read_learner

# files that the page without a network needs, besides its own scripts
SHELL = ("build/opic.css", "img/mark.svg", "img/icon-192.png", "build/idb.js")
# plain scripts, in this order
WORKER = (
    "build/idb-classic.js",
    "js/outbox/upload-body.js",
    "js/offline/sw-sync.js",
    "js/offline/sw-push.js",
    "js/offline/sw-core.js",
)
ICONS = (
    ("img/icon-192.png", "192x192", "any"),
    ("img/icon-512.png", "512x512", "any"),
    ("img/icon-maskable-512.png", "512x512", "maskable"),
    ("img/icon-mono-512.png", "512x512", "monochrome"),
)
SCREENSHOTS = (
    ("img/screen-narrow.png", "390x844", "narrow"),
    ("img/screen-wide.png", "1280x860", "wide"),
)


def _shortcuts() -> list[dict[str, Any]]:
    icons = [{"src": static("img/icon-192.png"), "sizes": "192x192"}]
    named = [
        (gettext("Practise now"), reverse("practice:start")),
        (gettext("Sit a test"), reverse("exams:attempt-list")),
    ]
    return [{"name": name, "url": url, "icons": icons} for name, url in named]


@login_not_required
@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """Reply with what a device needs to install the product, in the reader's language."""
    fields = {
        "id": "/",
        "name": gettext("OPIc Practice"),
        "short_name": gettext("OPIc Practice"),
        "description": gettext("Answer out loud, and see at once how you spoke."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbfaf7",
        "theme_color": "#0b6f5b",
        "categories": ["education"],
        "icons": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
        "screenshots": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "form_factor": form}
            for name, sizes, form in SCREENSHOTS
        ],
        "shortcuts": _shortcuts(),
    }
    reply = HttpResponse(
        json.dumps(fields, ensure_ascii=False), content_type="application/manifest+json"
    )
    patch_cache_control(reply, no_cache=True)
    return reply


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker (`offline/sw-core.js`); hashed names make it new each release."""
    parts = [static(name) for name in WORKER]
    scripts = [static(f"js/{name}.js") for name in script_names()]
    shell = [*map(static, SHELL), *scripts, static("django_htmx/htmx-2.min.js")]
    context = {
        "shell_json": json.dumps(shell),
        "offline": reverse("offline"),
        "parts": parts,
        "parts_json": json.dumps(parts),
    }
    reply = render(request, "pwa/sw.js", context, content_type="text/javascript")
    reply["Service-Worker-Allowed"] = "/"
    patch_cache_control(reply, no_cache=True)
    return reply


@login_not_required
@records_speech
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Show the page for a device without a network.

    It holds nothing of anybody, so the service worker may cache it.
    """
    reply = render(request, "pwa/offline.html")
    patch_cache_control(reply, no_cache=True)
    return reply


def _home(person: User, learner_context: LearnerContext) -> dict[str, Any]:
    streak = status_of(person)
    return {
        "streak": streak.days,
        "spoke_today": streak.spoke_today,
        "target": learner_context.target.name if learner_context.has_goal else "",
    }


@require_GET
def store(request: HttpRequest) -> HttpResponse:
    """Reply with what this person's device may store for a time without a network, as JSON."""
    person = cast(User, request.user)
    learner_context = read_learner(person)
    device = device_of(request)
    payload = {
        "user": str(person.pk),
        "name": person.get_short_name(),
        "home": _home(person, learner_context),
        "may_record": learner_context.may_record,
        "prompts": prompts_for(person, device, learner_context)
        if learner_context.may_record
        else [],
        "answers": responses_of(person, learner_context.embargo_start),
        "cards": [
            {**card, "url": reverse("practice:card-answer", args=[card["id"]])}
            for card in deck.due_for(person)
        ],
    }
    return JsonResponse(payload)
