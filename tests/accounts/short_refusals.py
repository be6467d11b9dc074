"""The product's addresses with a refusal of no words, for tests that are refused thousands of
times: its page took nearly half of their time, and its text is held elsewhere.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

from opic.urls import *  # noqa: F403


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseForbidden()
