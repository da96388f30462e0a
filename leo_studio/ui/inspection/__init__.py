"""One inspection in views that move together."""

from leo_studio.ui.inspection.view import InspectionView

__all__ = ["InspectionView"]
