"""Latent codes as points, figures and tables."""
