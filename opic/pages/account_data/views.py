"""Withdrawing consent, exporting and deleting an account: pages that reach through every app."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import consents
from accounts.models import Consent, User
from accounts.push import subscriptions
from accounts.security import admin_log, reauthentication
from accounts.security.log import Event, write
from opic.lib.htmx import get_or_post
from opic.lib.stores import freed_pages
from opic.pages.account_data.export import archive
from scoring.models import DaySummary, Response
from scoring.uploads.storage import drop_file, files_of


class WithdrawForm(forms.Form):
    """Which consent to withdraw, and what to delete with it."""

    ERASE: ClassVar[list[tuple[str, Any]]] = [
        ("nothing", _("Keep my recordings and results")),
        ("recordings", _("Delete my recordings, keep the results")),
        ("everything", _("Delete my recordings and results")),
    ]
    kind = forms.ChoiceField(choices=[(kind, "") for kind in Consent.Kind.values])
    erase = forms.ChoiceField(
        label=_("What should happen to what is here?"),
        choices=ERASE,
        initial="nothing",
        widget=forms.RadioSelect,
    )


DELETE_TRIES = 3


def _gone(delete: Callable[[], Any]) -> None:
    """Delete in one transaction, up to DELETE_TRIES times."""
    for left in reversed(range(DELETE_TRIES)):
        # a worker may add a row to a response while it is being deleted: then it is tried once more
        try:
            with transaction.atomic():
                delete()
            return
        except IntegrityError:
            if not left:
                raise


def erase_recordings(person: User) -> None:
    """Delete a person's recordings, and leave the results."""
    responses = Response.objects.spoken_by(person).with_sound()
    files = [str(name) for name in responses.values_list("audio", flat=True)]
    # rows before files: no row ever names a file that is gone
    Response.objects.spoken_by(person).update(audio=None, audio_expires_on=None)
    for name in files:
        drop_file(name)


def _forget_survey(person: User) -> None:
    """Delete responses, then the day summaries made of them."""
    # in this order: a worker that still settles a response writes its day summary, too
    Response.objects.spoken_by(person).delete()
    DaySummary.objects.of_person(person).delete()


def erase_responses(person: User) -> None:
    """Delete a person's responses, with everything that was made of them."""
    files = files_of(Response.objects.spoken_by(person))
    _gone(partial(_forget_survey, person))
    for name in files:
        drop_file(name)
    freed_pages.overwrite()


def erase_person(person: User) -> None:
    """Delete the account, and everything that hangs on it: rows and files."""
    files = files_of(Response.objects.spoken_by(person))
    for session in UserSession.objects.filter(user=person):
        session.end()
    subscriptions.drop_all(person)
    _gone(person.delete)
    for name in files:
        drop_file(name)
    admin_log.forget_gone()
    freed_pages.overwrite()


ERASERS = {
    "nothing": lambda person: None,
    "recordings": erase_recordings,
    "everything": erase_responses,
}


@get_or_post
def consent_withdraw(request: HttpRequest) -> HttpResponse:
    """Show the form of withdrawing, or withdraw and delete what was chosen."""
    person = request.user
    assert isinstance(person, User)
    form = WithdrawForm(request.POST or None, initial={"kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        kind, erase = form.cleaned_data["kind"], form.cleaned_data["erase"]
        consents.withdraw(person, kind)
        write(Event.CONSENT_WITHDRAWN, request, person, how=kind)
        ERASERS[erase](person)
        if erase != "nothing":
            write(Event.DATA_ERASED, request, person, how=erase)
        messages.success(request, gettext("Withdrawn. You can agree again at any time."))
        return redirect("accounts:settings")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/withdraw.html", {"form": form}, status=status)


@require_safe
@reauthentication.required
def account_export(request: HttpRequest) -> HttpResponseBase:
    """Reply with everything of this person and of nobody else, as a ZIP file."""
    person = request.user
    assert isinstance(person, User)
    write(Event.EXPORTED, request, person)
    reply = StreamingHttpResponse(archive(person), content_type="application/zip")
    reply["Content-Disposition"] = f'attachment; filename="opic-practice-{person.today}.zip"'
    return reply


@get_or_post
@reauthentication.required
def account_delete(request: HttpRequest) -> HttpResponse:
    """Ask for confirmation, or delete the account once its e-mail address is typed."""
    person = request.user
    assert isinstance(person, User)
    is_wrong = False
    if request.method == "POST":
        if request.POST.get("email", "").strip().lower() == person.email:
            # logged before: afterwards nobody knows whose account it was
            write(Event.ACCOUNT_DELETED, request, person)
            logout(request)
            erase_person(person)
            messages.success(request, gettext("Your account and your voice are deleted."))
            return redirect("home")
        is_wrong = True
    context = {"is_wrong": is_wrong}
    return render(request, "accounts/delete.html", context, status=422 if is_wrong else 200)
