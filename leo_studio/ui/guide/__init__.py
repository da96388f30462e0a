"""The guide in a window of its own: the pages of docs/, their contents, and search."""

from leo_studio.ui.guide.guide_window import GuideWindow

__all__ = ["GuideWindow"]
