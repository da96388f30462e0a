"""Which classes are hard, and which are taken for one another."""

from leo_studio.ui.classes.panel import ClassesPanel

__all__ = ["ClassesPanel"]
