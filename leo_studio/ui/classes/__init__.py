"""The classes panel: how hard each class is, and what it is taken for."""

from leo_studio.ui.classes.panel import ClassesPanel

__all__ = ["ClassesPanel"]
