"""The product's own settings plus one bare view to compare with."""

from opic.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.urls"
