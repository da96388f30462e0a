"""Devices: which one a run uses, its memory and its numerics."""
