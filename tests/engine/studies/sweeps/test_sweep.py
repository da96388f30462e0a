"""The file of a sweep brings it back, and a folder goes on with its own sweep alone."""

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import BadInput
from engine.studies.sweeps.sweep import checked_sweep, continued, load_sweep
from engine.studies.sweeps.trials import SweepFolder
from tests.engine.studies.sweeps.conftest import PARAMETERS, MakeSweep, begin


def test_a_sweep_is_read_as_it_was_written(
    make_sweep: MakeSweep, sweep_folder: SweepFolder
) -> None:
    sweep = make_sweep(seed=7, pruning=False)
    begin(sweep, sweep_folder)
    assert load_sweep(sweep_folder.file) == sweep


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trials": 0}, "command line: trials is 0; it must be at least 1"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
        ({"lag": -1}, "lag is -1; it must be at least 0"),
        ({"random": 0}, "random is 0; it must be at least 1"),
        ({"final_seeds": -1}, "final_seeds is -1; it must be at least 0"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    make_sweep: MakeSweep, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        checked_sweep(make_sweep(**changes), "command line")
    assert sentence in str(refused.value)


def test_a_folder_goes_on_with_more_trials_and_other_seeds_of_the_best(
    make_sweep: MakeSweep, sweep_folder: SweepFolder
) -> None:
    begin(make_sweep(), sweep_folder)
    asked = make_sweep({"run.device": "auto"}, trials=99, final_seeds=3)
    found = continued(asked, sweep_folder.file)
    assert found == replace(make_sweep(), trials=99, final_seeds=3)


def test_a_folder_of_another_sweep_is_refused(
    make_sweep: MakeSweep, sweep_folder: SweepFolder
) -> None:
    begin(make_sweep(), sweep_folder)
    wider = PARAMETERS | {"learner.dropout": {"low": 0.0, "high": 0.9, "step": 0.1}}
    fewer = {path: PARAMETERS[path] for path in ("learner.dropout", "learner.inner_steps")}
    for asked, named in (
        (make_sweep(seed=1, lag=3), "seed and lag"),
        (make_sweep(pruning=False), "pruning"),
        (make_sweep(parameters=wider), "learner.dropout"),
        (make_sweep(parameters=fewer), "optimizer.outer_lr and learner.latent_size"),
        (make_sweep({"schedule.steps": 21}), "schedule.steps"),
        (make_sweep({"run.seed": 3}), "run.seed"),
    ):
        with pytest.raises(BadInput) as refused:
            continued(asked, sweep_folder.file)
        assert f"differs in {named}; give it as it was, or choose" in str(refused.value)


def test_a_damaged_file_is_named(sweep_folder: SweepFolder) -> None:
    sweep_folder.path.mkdir()
    for text, sentence in (("3", "is no sweep"), ("trials: 3", "lacks name"), ("a: [", "YAML")):
        sweep_folder.file.write_text(text)
        with pytest.raises(BadInput, match=sentence) as refused:
            load_sweep(sweep_folder.file)
        assert str(sweep_folder.file) in str(refused.value)
