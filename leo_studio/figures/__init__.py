"""Figures that leave the studio, described as data and drawn by matplotlib; no Qt, no torch.

A panel, or the report, says what is to be seen (`records`, `plots`). `source` makes statements of
matplotlib of that, which `drawing` runs and `script` prints; `tables` writes the numbers behind it;
`saving` does any of these by a file's ending.
"""
