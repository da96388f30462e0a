"""Prototypical networks: a learned linear embedding, and the mean of each class in it."""
