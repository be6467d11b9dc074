#!/usr/bin/env python
"""Django's command line, with configuration faults told in one line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opic.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.stderr.write(f"Configuration: {fault}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
