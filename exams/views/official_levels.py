"""What a candidate tells of an official result."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from exams.forms import OfficialLevelForm
from exams.models import OfficialLevel
from exams.views.lookup import candidate_of
from opic.lib.htmx import get_or_post


@get_or_post
def official_create(request: HttpRequest) -> HttpResponse:
    """Save the official level of a day; `forget` deletes all that this candidate told."""
    candidate = candidate_of(request)
    if request.method == "POST" and "forget" in request.POST:
        OfficialLevel.objects.filter(candidate=candidate).delete()
        messages.success(request, gettext("Deleted: what you told us of the real exam."))
        return redirect("exams:attempt-list")
    form = OfficialLevelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        OfficialLevel.objects.update_or_create(
            candidate=candidate,
            taken_on=form.cleaned_data["taken_on"],
            defaults={"level": form.cleaned_data["level"]},
        )
        messages.success(request, gettext("Thank you. It helps to see how far we can be trusted."))
        return redirect("exams:attempt-list")
    context = {"form": form, "official_levels": OfficialLevel.objects.filter(candidate=candidate)}
    return render(request, "exams/official.html", context, status=422 if form.is_bound else 200)
