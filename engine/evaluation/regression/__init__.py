"""Scores of few-shot regression, beside the Bayes-optimal limit of the same tasks."""
