"""Sweeps as the windows read them: as they were begun, with more trials, and new ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.locks import holding
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.studies.sweeps.sweep import load_sweep
from leo_studio.services.sweep_reading import SweepReader
from leo_studio.services.sweep_records import SweepWanted
from tests.leo_studio.ui.sweeps.conftest import (
    NAME,
    SPACE,
    BeginSweep,
    begin_sweep,
    sweep_library,
)

__all__ = ["begin_sweep", "sweep_library"]  # fixtures


@pytest.fixture
def reader(sweep_library: Library) -> SweepReader:
    return SweepReader(sweep_library, lambda _: False)


def test_a_new_sweep_has_the_steps_that_are_asked_for_and_a_lag_for_its_workers(
    reader: SweepReader,
) -> None:
    wanted = SweepWanted("mine", "toy", "rates", steps=7, pruning=False, at_once=20)
    view = reader.view(wanted)
    sweep = view.sweep
    assert (view.standing, sweep.name, sweep.trials) == ("new", "mine", 48)
    assert sweep.experiment.schedule.steps == 7
    assert not sweep.pruning and sweep.lag == 40
    assert not view.folder.path.exists()


def test_what_was_begun_goes_on_as_it_was_but_for_the_number_of_trials(
    reader: SweepReader, begin_sweep: BeginSweep, sweep_library: Library
) -> None:
    folder = begin_sweep(trials=2)
    sweep_library.save_preset("toy", sweep_library.experiment("glyphs-5way-1shot"))
    wanted = SweepWanted(NAME, trials=5, final_seeds=1, steps=9, pruning=False, at_once=30)
    assert reader.view(SweepWanted(NAME)).standing == "done"
    view = reader.view(wanted)
    begun = load_sweep(folder.file)
    assert view.sweep == replace(begun, trials=5, final_seeds=1)
    assert (view.standing, view.ended, view.done, view.total) == ("open", 2, 2, 6)
    with holding(folder.lock, timeout=1):
        elsewhere = reader.view(wanted)
        assert elsewhere.standing == "elsewhere" and elsewhere.sweep == begun


def test_numbers_that_are_not_allowed_are_said(
    reader: SweepReader, begin_sweep: BeginSweep
) -> None:
    begin_sweep(trials=2)
    with pytest.raises(BadInput, match="trials is 0; it must be at least 1"):
        reader.view(SweepWanted(NAME, trials=0))


def test_why_validation_could_not_choose_is_said_before(
    reader: SweepReader, sweep_library: Library
) -> None:
    toy = sweep_library.experiment("toy")
    both = toy.with_settings({"data.train_splits": ["train", "val"]})
    sweep_library.save_preset("both", both)
    view = reader.view(SweepWanted("x", "both", "rates"))
    assert "trains on its validation classes" in view.why_not and not view.lacks_store
    (rates,) = [each for each in reader.list().spaces if each.name == "rates"]
    assert "toy" in rates.presets and "both" not in rates.presets


def test_spaces_that_cannot_be_read_or_fit_nothing_say_why(
    reader: SweepReader, sweep_library: Library
) -> None:
    write_text(sweep_library.sweeps / "broken.yaml", "schema: 1\nname: broken\n")
    narrow = {"optimizer.outer_lr": {"low": 0.5, "high": 0.9}}
    far = SPACE | {"name": "far", "parameters": narrow}
    write_text(sweep_library.sweeps / "far.yaml", written_yaml(far))
    offers = {each.name: each for each in reader.list().spaces}
    assert "parameters" in offers["broken"].problem and str(sweep_library.sweeps) in (
        offers["broken"].problem
    )
    assert offers["far"].problem.startswith("It fits no preset.") and not offers["far"].presets
    write_text(sweep_library.sweeps / "far.yaml", written_yaml(SPACE | {"name": "far"}))
    assert "toy" in {each.name: each for each in reader.list().spaces}["far"].presets


def test_another_space_of_the_same_name_is_not_replaced(
    reader: SweepReader, sweep_library: Library, tmp_path: Path
) -> None:
    before = (sweep_library.sweeps / "rates.yaml").read_text()
    other = tmp_path / "other.yaml"
    other.write_text(written_yaml(SPACE | {"about": "Something else"}))
    with pytest.raises(BadInput, match=r"another space called .rates.*another name"):
        reader.add_space(other)
    assert (sweep_library.sweeps / "rates.yaml").read_text() == before
