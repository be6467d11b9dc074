"""The project: settings, URL table, pages that need several apps, and the operator's commands."""

__version__ = "0.3.0"
