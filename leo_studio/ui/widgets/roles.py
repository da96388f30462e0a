"""Roles of widgets: what the theme's style sheet knows them by."""

from PySide6.QtWidgets import QWidget

MAY_BE_COVERED = "may_be_covered"  # a property of lists that notices may stand over: legends
NOT_COVERED = "not_covered"  # a property of what is no list, and notices never stand over: buttons


def set_role(widget: QWidget, role: str) -> None:
    """Name a widget's role and show it as the theme does."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
