"""Evaluations: what can be chosen for one, and what it says in sentences and tables."""
