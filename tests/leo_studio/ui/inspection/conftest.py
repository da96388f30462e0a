"""Examples of the inspections, and the view of one."""

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from engine.inspection.records import Inspection
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.inspection.conftest import loaded, ragged, seen

__all__ = ["loaded", "ragged", "seen"]


@pytest.fixture
def examples(seen: Inspection) -> Examples:
    return examples_of(seen)


@pytest.fixture
def view(themes: ThemeManager, qtbot: QtBot) -> Iterator[InspectionView]:
    made = InspectionView(themes)
    made.resize(1300, 900)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    qtbot.waitUntil(lambda: not Shiboken.isValid(made))


def examples_of(inspection: Inspection, *, images: bool = True) -> Examples:
    """Name all examples of an episode; the picture of row r has pixels as bright as r."""
    rows = np.unique(np.concatenate([inspection.support.ravel(), inspection.query.ravel()]))
    rows = rows[rows >= 0]
    pictures = np.tile((rows % 256).astype(np.uint8)[:, None, None, None], (1, 8, 6, 1))
    names = tuple(f"class/picture-{row}" for row in rows.tolist())
    return Examples(rows, names, pictures if images else None)
