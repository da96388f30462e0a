"""Keys and the names of actions."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from leo_studio.ui.widgets.key_caps import plain_text, split_keys


@pytest.mark.parametrize(
    ("keys", "caps"),
    [
        ("", ()),
        ("F1", ("F1",)),
        ("Ctrl+Shift+P", ("Ctrl", "Shift", "P")),
        ("Ctrl++", ("Ctrl", "+")),
        ("+", ("+",)),
        ("Double click", ("Double click",)),
    ],
)
def test_each_key_has_a_cap(keys: str, caps: tuple[str, ...]) -> None:
    assert split_keys(keys) == caps


def test_mnemonics_are_not_shown(qapp: QApplication) -> None:
    assert plain_text(QAction("&Save && close")) == "Save & close"
