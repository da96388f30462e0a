"""The comparison of runs: in what they differ, and how they did on the same episodes."""

from leo_studio.ui.comparison.panel import ComparisonPanel

__all__ = ["ComparisonPanel"]
