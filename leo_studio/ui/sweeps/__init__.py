"""The panel Sweeps: which there are, their trials as plots and a table, and new ones."""

from leo_studio.ui.sweeps.panel import SweepsPanel

__all__ = ["SweepsPanel"]
