"""Differences between runs, and their results on the same episodes."""
