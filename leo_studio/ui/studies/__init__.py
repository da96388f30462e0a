"""The panel Studies: which there are, their tables, and how they are carried out."""

from leo_studio.ui.studies.panel import StudiesPanel

__all__ = ["StudiesPanel"]
