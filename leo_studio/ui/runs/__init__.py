"""The runs panel: every run on disk, found, annotated, resumed, compared and thrown away."""

from leo_studio.ui.runs.panel import RunsPanel

__all__ = ["RunsPanel"]
