"""Consent, settings, language, notices. Signing in and out is allauth's."""

from typing import Any, cast

from allauth.account.views import BaseReauthenticateView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.forms import Form, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from accounts import consents, devices
from accounts.forms import (
    ConsentForm,
    FirstGoalForm,
    GoalForm,
    NoticeForm,
    NoticesReadForm,
    ProfileForm,
    PushAddressForm,
    PushForm,
)
from accounts.models import Consent, Goal, Notice, NoticeSettings, User
from accounts.notices import mark_read
from accounts.push import subscriptions
from accounts.push.adapters import get_pusher
from accounts.security.log import Event, write
from accounts.security.reauthentication import MailedCode
from accounts.sign_in_forms import ReauthenticationCodeForm
from accounts.texts import settings as settings_texts
from accounts.texts.notices import words_of
from opic.lib.htmx import get_or_post, is_fragment
from opic.lib.stores.first_rows import save_row
from opic.lib.web.params import json_object, next_url

# a browser's subscription takes some hundred bytes
MOST_PUSH_BYTES = 4096


def person_of(request: HttpRequest) -> User:
    """Return the signed-in person; for views behind sign-in only."""
    return cast(User, request.user)


class ReauthenticateByCodeView(BaseReauthenticateView):  # type: ignore[misc]
    """A proof by a code mailed to the current address: sent on request, then typed."""

    form_class = ReauthenticationCodeForm
    template_name = "account/reauthenticate_code.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Load the pending code before allauth's view does anything."""
        if request.user.is_authenticated:
            self.process = MailedCode.resume(request, person_of(request))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "code": self.process.code if self.process else ""}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Mail a new code where none is pending or one is asked for, else check what was typed."""
        if self.process is not None and request.POST.get("action") != "send":
            return super().post(request, *args, **kwargs)  # type: ignore[no-any-return]
        try:
            MailedCode.start(request, person_of(request))
        except ValidationError as exc:
            messages.error(request, exc.messages[0])
        return redirect(self.passthrough_next_url(request.path))

    def form_valid(self, form: Form) -> HttpResponse:
        """Record the proof, then go on as allauth does."""
        cast(MailedCode, self.process).finish()
        return super().form_valid(form)  # type: ignore[no-any-return]

    def form_invalid(self, form: Form) -> HttpResponse:
        """Log the failure; after too many, the code is void and a new one is needed."""
        write(Event.REAUTHENTICATION_FAILED, self.request, person_of(self.request), how="code")
        if not cast(MailedCode, self.process).record_invalid_attempt():
            messages.error(self.request, gettext("Too many wrong codes. Ask for a new one."))
            return redirect(self.passthrough_next_url(self.request.path))
        return super().form_invalid(form)  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether a code is on its way, and the address it goes to."""
        more = {"is_sent": self.process is not None, "email": person_of(self.request).email}
        return {**super().get_context_data(**kwargs), **more}


@login_not_required
@require_POST
def language_set(request: HttpRequest) -> HttpResponse:
    """Set the language as Django does, and save it for a person who is signed in."""
    language = request.POST.get("language", "")
    person = request.user
    if isinstance(person, User) and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=person.pk).update(language=language)
    return set_language(request)


@get_or_post
def consent(request: HttpRequest) -> HttpResponse:
    """Show the form of consents between signing up and speaking, or save them."""
    person = person_of(request)
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kinds = [kind for kind in Consent.Kind.values if form.cleaned_data.get(kind)]
        consents.give(person, kinds)
        person.save_zone(form.cleaned_data["time_zone"])
        return redirect(next_url(request, reverse("practice:start")))
    status = 422 if form.is_bound else 200
    context = {
        "form": form,
        "next": next_url(request, ""),
        "recipients": [_recipient_text(one) for one in consents.recipients()],
        "hears_words": settings.OPIC_EARS != "none",
        "hears_here": settings.OPIC_HAS_LOCAL_EARS,
    }
    return render(request, "accounts/consent.html", context, status=status)


def _recipient_text(recipient: str) -> str:
    if recipient == consents.GOOGLE:
        return gettext("Google's Gemini in the United States")
    return recipient


@get_or_post
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the settings, or save the part of the page that was sent.

    Parts are folded, except the one that a link names or in which something is wrong.
    """
    person = person_of(request)
    part = request.POST.get("part")
    forms = _settings_forms(person, part, request.POST)
    # before a form is checked: that changes what it was made of
    context = _settings_context(person, forms)
    sent = forms.get(str(part))
    if sent is not None and sent.is_valid():
        save_row(sent.save)
        messages.success(request, gettext("Saved."))
        return redirect("accounts:settings")
    context["open_part"] = part if sent else request.GET.get("part")
    return render(request, "accounts/settings.html", context, status=422 if sent else 200)


def _settings_context(person: User, forms: dict[str, ModelForm[Any]]) -> dict[str, Any]:
    """Return the forms, and in words what is set now."""
    given = Consent.objects.given_by(person).order_by("given_at")
    return {
        **{f"{name}_form": form for name, form in forms.items()},
        "profile_text": settings_texts.profile_text(person),
        "goal_text": settings_texts.goal_text(forms["goal"].instance),
        "notices_text": settings_texts.notices_text(forms["notices"].instance),
        "consents_text": settings_texts.consents_text(given),
        "consents": given,
        "push_known": subscriptions.marks_of(person) if _has_push() else [],
    }


def _settings_forms(person: User, part: str | None, data: Any) -> dict[str, ModelForm[Any]]:
    """Return a form for each part of the page; the one that was sent is bound."""
    goal = Goal.objects.filter(learner=person).first() or Goal(learner=person)
    sent = {part: data}
    return {
        "profile": ProfileForm(sent.get("profile"), instance=person),
        "goal": GoalForm(sent.get("goal"), instance=goal),
        "notices": NoticeForm(
            sent.get("notices"),
            instance=NoticeSettings.of(person),
            has_push=_has_push(),
        ),
    }


def _has_push() -> bool:
    return bool(get_pusher().public_key)


@require_POST
def goal_set(request: HttpRequest) -> HttpResponse:
    """Save the goal and the name from the form that follows the first take."""
    person = person_of(request)
    goal = Goal.objects.filter(learner=person).first() or Goal(learner=person)
    form = FirstGoalForm(request.POST, instance=goal)
    if not form.is_valid():
        return render(request, "accounts/goal.html", {"goal_form": form}, status=422)
    save_row(form.save)
    if form.cleaned_data["name"]:
        User.objects.filter(pk=person.pk).update(name=form.cleaned_data["name"])
    messages.success(request, gettext("Saved. Your typical ranges now follow your target."))
    return redirect(next_url(request, reverse("home")))


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Show the newest notices.

    Looking at them changes nothing: the page marks them as read by a POST of its own.
    """
    notices = list(Notice.objects.for_list(person_of(request)))
    context = {
        "rows": [(notice, words_of(notice)) for notice in notices],
        "newest": notices[0].made_at.isoformat() if notices else "",
    }
    return render(request, "accounts/notice_list.html", context)


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark notices as read up to the newest one that the page showed."""
    person = person_of(request)
    form = NoticesReadForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    person.has_unread = mark_read(person, form.cleaned_data["until"])
    if is_fragment(request):
        return render(request, "accounts/_notices_read.html")
    return redirect("accounts:notice-list")


def _posted_by_browser(request: HttpRequest, form: type[Form]) -> Form:
    """Return a form with what a browser says of its subscription; 404 without Web Push.

    What cannot be read gives an empty form, which is invalid.
    """
    if not _has_push():
        raise Http404
    fields = json_object(request.body, most=MOST_PUSH_BYTES)
    keys = fields.get("keys")
    return form({**fields, **(keys if isinstance(keys, dict) else {})})


@require_POST
def push_subscribe(request: HttpRequest) -> HttpResponse:
    """Save that this browser wants pushes, until its sign-in ends."""
    form = _posted_by_browser(request, PushForm)
    if not form.is_valid():
        return HttpResponse(status=422)
    agent = request.headers.get("User-Agent", "")
    count = subscriptions.save_subscription(
        person_of(request), user_agent=agent, **form.cleaned_data
    )
    request.session[devices.PUSH_KEY] = count
    return HttpResponse(status=204)


@require_POST
def push_unsubscribe(request: HttpRequest) -> HttpResponse:
    """Delete this browser's subscription of pushes."""
    form = _posted_by_browser(request, PushAddressForm)
    if not form.is_valid():
        return HttpResponse(status=422)
    subscriptions.drop_endpoint(person_of(request), form.cleaned_data["endpoint"])
    return HttpResponse(status=204)
