from dataclasses import replace

from pytestqt.qtbot import QtBot

from leo_studio.records import EvaluationEntry
from leo_studio.ui.evaluation.kept import KeptEvaluations
from tests.leo_studio.ui.evaluation.reports import entry


def test_what_is_evaluated_again_shows_its_new_result(qtbot: QtBot) -> None:
    kept = KeptEvaluations()
    qtbot.addWidget(kept)
    shown: list[EvaluationEntry] = []
    kept.shown.connect(shown.append)
    before = entry()
    after = replace(before, accuracy=0.5)
    for each in (before, before, after):
        kept.show_entries([each], each.path)
    assert shown == [before, after]
