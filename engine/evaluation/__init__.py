"""Evaluation of classifiers on episodes, and its records.

`record`, `statistics` and `protocol` load no torch, so that windows read them too.
"""
