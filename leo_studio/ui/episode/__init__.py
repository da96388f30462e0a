"""The page of one episode."""

from leo_studio.ui.episode.panel import EpisodePanel

__all__ = ["EpisodePanel"]
