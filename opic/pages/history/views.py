"""Past responses of both modes and whole tests, newest first, found again by filters."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import User
from materials.models import Topic
from opic.lib.htmx import render_partial
from opic.lib.pagination import Key
from opic.pages.history.forms import HistoryFilterForm
from opic.pages.history.rows import page_for


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Show the history, or only its next rows where htmx asks."""
    form = HistoryFilterForm(request.GET, Topic.objects.as_choices())
    wanted = form.wanted()
    after = Key.read(request.GET.get("before", ""))
    rows, page = page_for(cast(User, request.user), wanted, after)
    context = {
        "form": form,
        "rows": rows,
        "more": urlencode({**wanted, "before": str(page.next)}) if page.next else "",
        "is_cut": page.is_cut,
        "is_first_page": after is None,
        "is_filtered": bool(wanted),
        "is_narrowed": bool(wanted.keys() - {"mode"}),
    }
    partial = "history-more" if after else "history-rows"
    return render_partial(request, "history.html", partial, context)
