"""Matching networks: a learned linear embedding, and attention over the support examples in it."""
