"""Figures: `python -m tests.benchmarks`. Rules are measured here, the rest in a product."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()
