"""Inspection of episodes: codes, weights and predictions at every step of their adaptation."""
