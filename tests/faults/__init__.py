"""Faults of the running product: what is killed, hung, filled or stepped, under what load, and what
must hold afterwards. Twelve of them run in every test run, hundreds in `make soak`.
"""
