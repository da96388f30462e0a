"""Pre-training in the window: a run like any other, but for what needs latent codes."""

import pytest
from pytestqt.qtbot import QtBot

from engine.data.store import EmbeddingStore
from leo_studio.ui.experiment.form import SettingsForm
from leo_studio.ui.widgets.people import as_tip
from tests.leo_studio.ui.window.test_other_learners import (
    NEEDING,
    Open,
    look_at_each,
    open_on,
    train_to_the_end,
)
from tests.pictures_store import pictures_experiment, write_pictures_store

__all__ = ["open_on"]


@pytest.fixture(scope="module")
def pictures_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    return write_pictures_store(tmp_path_factory.mktemp("pictures") / "patterns.h5")


def test_a_backbone_is_trained_from_the_form_with_curves_and_without_latent_codes(
    open_on: Open, pictures_store: EmbeddingStore, qtbot: QtBot
) -> None:
    window = open_on()
    experiment = pictures_experiment(pictures_store, augmentation="character", in_channels=1)
    run = train_to_the_end(window, experiment, qtbot)
    (form,) = window.experiment.findChildren(SettingsForm)
    rows = form.rows
    assert {"learner.backbone", "learner.lr", "learner.augmentation"} <= rows.keys()
    assert not {"optimizer.outer_lr", "task.queries", "run.cuda_graph"} & rows.keys()
    assert run.title.startswith("tiny") or run.title.startswith("Conv-4, patterns")
    assert len(run.validation) == 2 and run.best is not None

    window.docks.show("curves")
    qtbot.waitUntil(lambda: window.curves.points_of(run.path) == 12)
    assert {"loss", "accuracy", "step_size"} <= set(window.curves.visible_plots())

    sentence = f"{run.title} learns by pre-training a backbone; it has no latent codes."
    assert look_at_each(window, qtbot) == [sentence] * 4
    for name in NEEDING:
        action = window.actions_registry[name]
        assert (action.isEnabled(), action.toolTip()) == (False, as_tip(sentence)), name

    # It is evaluated like any other, on classes that it has never seen.
    assert window.actions_registry["runs.evaluate"].isEnabled()
