from dataclasses import replace

from pytestqt.qtbot import QtBot

from engine.evaluation.record import Evaluation
from leo_studio.ui.evaluation.kept_evaluations import KeptEvaluations
from tests.evaluations import kept as made


def test_what_is_evaluated_again_shows_its_new_result(qtbot: QtBot) -> None:
    kept = KeptEvaluations()
    qtbot.addWidget(kept)
    shown: list[Evaluation] = []
    kept.shown.connect(shown.append)
    before = made()
    after = replace(before, accuracy=0.5)
    for each in (before, before, after):
        kept.show_entries([each], each.path)
    assert shown == [before, after]
