"""The panel "Curvature": how the loss bends along adaptation, and how far its steps go."""

from leo_studio.ui.curvature.panel import CurvaturePanel

__all__ = ["CurvaturePanel"]
