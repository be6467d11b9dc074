"""What happens to what people say, and which other hosts this site contacts."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opic.lib.outgoing import hosts_contacted


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show every outside host by what goes there and why; the site's own hosts are left out."""
    others = [contact for contact in hosts_contacted(settings) if not contact.is_own]
    return render(request, "privacy.html", {"contacts": others, "days": settings.OPIC_AUDIO_DAYS})
