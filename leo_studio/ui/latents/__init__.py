"""Latent codes of many episodes: where they start, where adaptation takes them."""

from leo_studio.ui.latents.panel import LatentsPanel

__all__ = ["LatentsPanel"]
