"""The times that keep work from being done twice stand in order, or nothing starts."""

import pytest
from django.conf import settings
from django.test import override_settings

from scoring.checks import times_are_in_order


def test_the_times_as_they_are_set_hold():
    assert times_are_in_order(None) == []


@pytest.mark.parametrize("name", ["OPIC_VENDOR_SECONDS", "OPIC_TASK_SECONDS", "OPIC_LEASE_SECONDS"])
def test_a_time_out_of_order_is_named(name):
    with override_settings(**{name: settings.Q_CLUSTER["retry"] + 1}):
        (message,) = times_are_in_order(None)
    assert message.id == "opic.E001"
    assert name in message.msg


def test_a_cluster_that_beats_too_seldom_is_named():
    with override_settings(OPIC_BEAT_SECONDS=20, OPIC_SILENT_SECONDS=40):
        (message,) = times_are_in_order(None)
    assert "OPIC_SILENT_SECONDS" in message.msg
