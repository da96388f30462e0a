"""Baselines: learners that fit a support set and need no training, a file each."""
