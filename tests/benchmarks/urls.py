from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from opic.urls import urlpatterns as product_urls


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """Anonymous, same middleware, empty 200: what every page is measured against."""
    return HttpResponse()


urlpatterns = [path("bare/", bare), *product_urls]
