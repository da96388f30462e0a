"""Measurements, run by hand with `make bench`; they print ratios within one run."""
