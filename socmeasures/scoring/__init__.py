"""Answers in, scores out, with a record of how."""
