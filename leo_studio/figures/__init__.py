"""Figures that leave the studio, described as data and drawn by matplotlib; no Qt, no torch.

A panel, or the report, says what is to be seen (`records`); `drawing` turns that into calls of
matplotlib, which either draw a file or are written down as a Python script; `tables` writes the
numbers behind it.
"""
