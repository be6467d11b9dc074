"""The board: what the target needs by topic, in one's own words."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from opic.pages.board.context import board_of


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of the person who asks."""
    return render(request, "board/board.html", {"board": board_of(cast(User, request.user))})
