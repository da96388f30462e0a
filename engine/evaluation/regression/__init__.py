"""Scores of few-shot regression, beside the Bayes-optimal limit of the tasks where it is known."""
