"""Latent codes of many episodes: where they start, where adaptation takes them."""
