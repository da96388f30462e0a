"""What people wrote, shown as it is: nothing in it is markup and no "&" underlines a key.

Names of runs, stores, presets, classes, files, notes and errors may have any letters. Labels show
them with `leo_studio.ui.widgets.labels.Label`.
"""

from html import escape

from PySide6.QtGui import Qt

_LONGEST_LINE = 80  # letters of a tip that is not broken


def as_tip(text: str) -> str:
    """Return a tip that shows a text as it is, where Qt would otherwise look for markup in it.

    A long line is broken where there is no room, which Qt does in markup alone.
    """
    longest = max(map(len, text.splitlines()), default=0)
    if longest <= _LONGEST_LINE and not Qt.mightBeRichText(text):
        return text
    return f"<span style='white-space: pre-wrap'>{escape(text, quote=False)}</span>"


def without_keys(text: str) -> str:
    """Return a text of a button, action, menu or tab in which "&" stands for itself."""
    return text.replace("&", "&&")


def as_title(text: str) -> str:
    """Return a title of a window in which "[*]" stands for itself, not for unsaved changes."""
    return text.replace("[*]", "[*][*]")
