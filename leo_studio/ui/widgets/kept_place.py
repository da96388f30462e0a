"""A place in a layout that stays while its widget is hidden, so that nothing beside it moves."""

from PySide6.QtWidgets import QWidget


def keep_place(widget: QWidget) -> None:
    """Let a widget keep its place in a layout while it is hidden."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
