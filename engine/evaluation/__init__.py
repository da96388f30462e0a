"""Evaluation of classifiers on episodes: how it is done, and what is kept of it.

`record`, `statistics` and `protocol` load no torch, so that windows read them too.
"""
