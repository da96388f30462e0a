"""Files and settings of schema 1 are read as what they are in schema 2."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    Experiment,
    Leo,
    current_path,
    experiment_from_dict,
    experiment_from_yaml,
    load_experiment,
)
from engine.errors import BadInput
from engine.io.yaml_text import written_yaml
from tests.changes import CHANGEABLE, changed
from tests.engine.config.test_experiment import minimal

OLD_RUN = Path(__file__).parents[2] / "fixtures" / "old_run" / "finished" / "experiment.yaml"


def in_schema_1(experiment: Experiment) -> dict[str, Any]:
    """Return an experiment as version 0.1.0 wrote it."""
    values = experiment.to_dict()
    learner = {key: each for key, each in values.pop("learner").items() if key != "kind"}
    return {**values, "schema": 1, "leo": learner}


@given(
    paths=st.sets(st.sampled_from([path for path in CHANGEABLE if path != "name"])),
    has_schema=st.booleans(),
    leaves_out=st.booleans(),
)
def test_every_experiment_of_schema_1_is_the_same_in_schema_2(
    paths: set[str], has_schema: bool, leaves_out: bool
) -> None:
    experiment = changed(minimal(), *paths)
    old = in_schema_1(experiment)
    if not has_schema:
        del old["schema"]
    if leaves_out:
        plain = in_schema_1(minimal())["leo"]
        old["leo"] = {key: each for key, each in old["leo"].items() if each != plain[key]}
    assert experiment_from_dict(old, "old") == experiment
    again = experiment_from_yaml(written_yaml(old), "old.yaml")
    assert again == experiment
    assert again.to_dict()["schema"] == 2 and "leo" not in again.to_dict()
    assert experiment_from_yaml(again.to_yaml(), "new.yaml") == experiment


def test_a_run_of_version_0_1_0_opens_with_its_settings() -> None:
    assert "schema: 1" in OLD_RUN.read_text() and "leo:" in OLD_RUN.read_text()
    experiment = load_experiment(OLD_RUN)
    learner = experiment.learner
    assert isinstance(learner, Leo)
    assert (learner.latent_size, learner.inner_steps, learner.finetuning_steps) == (4, 3, 2)


def test_reading_leaves_the_callers_containers_alone() -> None:
    old = in_schema_1(minimal())
    before = in_schema_1(minimal())
    experiment_from_dict(old, "old")
    assert old == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"leo": {"dropout": 1.3}},
            "x: learner.dropout is 1.3; it must be at least 0 and below 1.",
        ),
        ({"leo": {"foo": 1}}, "x: learner.foo is not a setting; settings are learner.kind, "),
        ({"leo": 3}, "x: learner is 3; it must be a group of settings."),
        ({"leo": None}, "x: learner is None; it must be a group of settings."),
        (
            {"leo": {}, "learner": {}},
            "x has both leo and learner, which are the same; remove leo.",
        ),
        (
            {"schema": 2, "leo": {}},
            "x: leo is learner since schema 2; write learner: {kind: leo}.",
        ),
        (
            {"schema": 3},
            "x has schema 3; this version of LEO Studio reads up to 2: update LEO Studio.",
        ),
        ({"schema": 0, "leo": {}}, "x: schema is 0; it must be 2."),
        ({"schema": True}, "x: schema is True; it must be 2."),
        ({"schema": True, "leo": {}}, "x: schema is True; it must be 2."),
        ({"schema": "1"}, "x: schema is '1'; it must be 2."),
    ],
    ids=str,
)
def test_what_is_wrong_in_an_old_file_is_told_by_the_present_names(
    changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput) as caught:
        experiment_from_dict({"name": "a", "data": {"store": "s"}, "schema": 1, **changes}, "x")
    assert str(caught.value).startswith(sentence)


def test_a_setting_by_its_former_path_is_read_and_that_is_said_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(2):
        assert current_path("leo.said_in_this_test_alone") == "learner.said_in_this_test_alone"
    assert capsys.readouterr().err == (
        "leo.said_in_this_test_alone is learner.said_in_this_test_alone since schema 2; use that.\n"
    )


@pytest.mark.parametrize("path", ["learner.dropout", "leo", "leon.dropout", "run.leo", "name"])
def test_other_paths_are_as_they_are_and_nothing_is_said(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert current_path(path) == path
    assert capsys.readouterr().err == ""


def test_changes_by_former_paths_are_changes_by_present_ones() -> None:
    one = minimal().with_settings({"leo.dropout": 0.2, "leo.variant": "deterministic"})
    other = minimal().with_settings({"learner.dropout": 0.2, "learner.variant": "deterministic"})
    assert one == other
