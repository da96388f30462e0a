"""Evaluation of classifiers on episodes: how it is done, and what is kept of it."""
