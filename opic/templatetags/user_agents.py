"""`{{ session.user_agent|device_name }}`: browser and system in words."""

from django import template
from django.utils.translation import gettext

from opic.lib.web.user_agents import browser_and_system

register = template.Library()


@register.filter
def device_name(user_agent: str) -> str:
    """Return `Chrome on Windows`, or what of it is clear."""
    browser, system = browser_and_system(user_agent)
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or gettext("A browser we do not know")
