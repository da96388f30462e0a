"""Backbones: the networks that turn images into features, and their weights."""
