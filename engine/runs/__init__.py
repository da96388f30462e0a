"""A run on disk: one folder with its record, metrics, checkpoints and notes.

`record`, `metrics` and `annotations` load no torch, so that windows read them too.
"""
