"""Is it well? For load balancers and people."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from opic.lib import queue
from scoring.models import Response


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 with the state of database and queue, 503 when the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        state = {
            "database": "ok",
            "queue": queue.waiting(),
            "waiting": Response.objects.due().count(),
        }
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    return JsonResponse(state)
