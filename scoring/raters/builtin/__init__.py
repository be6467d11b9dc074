"""The built-in judge: facts about a transcript by lists and patterns of ours. Pure.

No level, no points. What is claimed, and what is not: docs/built-in-judge.md.
"""

from scoring.raters.builtin.rater import BuiltinRater

__all__ = ["BuiltinRater"]
