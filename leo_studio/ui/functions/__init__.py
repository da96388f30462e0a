"""The panel of functions that runs of few-shot regression make of points."""

from leo_studio.ui.functions.panel import FunctionsPanel

__all__ = ["FunctionsPanel"]
