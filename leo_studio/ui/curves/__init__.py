"""Curves: loss, accuracy, learned step sizes and speed of runs, live and afterwards."""

from leo_studio.ui.curves.panel import CurvesPanel

__all__ = ["CurvesPanel"]
