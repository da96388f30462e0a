"""Sweeps: settings that are searched by many trials, each a run, and the best trained anew."""
