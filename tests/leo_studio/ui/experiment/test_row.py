"""A setting's row: where its field stands, whatever the width."""

import pytest
from PySide6.QtWidgets import QBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.config import Data
from leo_studio.ui.experiment.data_picker import StoreField
from leo_studio.ui.experiment.row import SettingRow
from leo_studio.ui.widgets.theme import ThemeManager


class WantedField(StoreField):
    """A field that wants a width of which the test says how large it is."""

    wanted = 0

    def wanted_width(self) -> int:
        return self.wanted


@pytest.fixture
def row(themes: ThemeManager, qtbot: QtBot) -> SettingRow:
    made = SettingRow("data.store", Data.model_fields["store"], WantedField(QWidget()), themes)
    qtbot.addWidget(made)
    made.resize(301, 60)
    made.show()
    return made


def test_a_field_comes_to_rest_whatever_width_it_wants(row: SettingRow) -> None:
    field = row.field
    assert isinstance(field, WantedField)
    seen = set()
    for wanted in range(100, 200):
        field.wanted = wanted
        row._place_field()
        first = row._line.direction()
        for _ in range(3):  # each change of the layout has it looked at again
            row._place_field()
            assert row._line.direction() == first, wanted
        seen.add(first)
    assert seen == {QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom}
