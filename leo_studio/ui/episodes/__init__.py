"""The browser of episodes."""

from leo_studio.ui.episodes.panel import EpisodesPanel

__all__ = ["EpisodesPanel"]
