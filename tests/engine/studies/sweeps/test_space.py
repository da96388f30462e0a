"""Spaces are checked against the settings that they vary, and mistakes are one sentence."""

from pathlib import Path
from typing import Any

import pytest

from engine.config import Experiment
from engine.errors import BadInput
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.studies.sweeps.catalogue import space_files, space_path
from engine.studies.sweeps.space import load_space, require_fitting


def written(path: Path, parameters: object, **changes: Any) -> Path:
    values = {"schema": 1, "name": "s", "parameters": parameters} | changes
    path.write_text(written_yaml(values))
    return path


def test_a_space_is_read_as_it_is_written(tmp_path: Path, toy_experiment: Experiment) -> None:
    path = written(
        tmp_path / "s.yaml",
        {
            "learner.dropout": {"low": 0, "high": 0.6, "step": 0.2},
            "optimizer.clip_norm": {"choices": [None, 0.1, 1]},
            "learner.inner_steps": {"low": 1, "high": 5},
        },
    )
    space = load_space(path)
    require_fitting(space, toy_experiment.with_settings({"learner.dropout": 0.4}), str(path))
    dropout = space.parameters["learner.dropout"]
    assert [dropout.holds(value) for value in (0, 0.4, 0.6, 0.5, 0.8, True, "0.2", None)] == [
        *(True, True, True),
        *(False,) * 5,
    ]
    clip = space.parameters["optimizer.clip_norm"]
    assert [clip.holds(value) for value in (None, 0.1, 1.0, True, 0)] == [
        *(True, True, True),
        *(False,) * 2,
    ]
    assert space.values_of(toy_experiment)["learner.inner_steps"] == 2


@pytest.mark.parametrize(
    ("path", "parameter", "sentence"),
    [
        ("learner.droput", {"low": 0.0, "high": 0.5}, "is not a setting; did you mean learner.dro"),
        ("learner.dropout", {"low": 0.0}, "learner.dropout: it lacks low or high; give both, or c"),
        ("learner.dropout", {"low": 0.5, "high": 0.0}, "low is 0.5 and high 0; low must be below"),
        ("learner.dropout", {"low": "a", "high": 1.0}, "low is 'a'; it must be a number"),
        ("learner.dropout", {"low": 0.0, "hihg": 1.0}, "hihg is not a setting; did you mean high?"),
        ("learner.dropout", {"low": 0.0, "high": 1.5}, "dropout is 1.5; it must be at least 0 and"),
        ("learner.dropout", {"choices": [0.0, 1.5]}, "learner.dropout is 1.5; it must be"),
        ("learner.dropout", {"choices": 0.3}, "choices is 0.3; it must be a list or null"),
        ("learner.dropout", {"choices": [0.3]}, "it has fewer than two choices"),
        ("learner.dropout", {"choices": [0.3, 0.3]}, "choice 0.3 stands there twice"),
        ("learner.dropout", {"choices": [0.3, [1]]}, "choice [1] is no single number"),
        ("learner.dropout", {"choices": [0.3, 0.2], "low": 0.1}, "it has choices and a range"),
        ("learner.dropout", {"low": 0.0, "high": 0.5, "log": True}, "log needs it above 0"),
        ("learner.dropout", {"low": 0.0, "high": 0.5, "step": 0.3}, "lead to; set it to 0.3."),
        ("learner.dropout", {"low": 0.1, "high": 0.4, "log": True, "step": 0.3}, "log and step"),
        ("learner.dropout", {"low": 0.4, "high": 0.5}, "whose values are the first trial; widen i"),
        ("learner.inner_steps", {"low": 1.5, "high": 5}, "has low 1.5; it must be a whole number"),
        ("learner.variant", {"low": 0.0, "high": 1.0}, "has a range, and is one of full, no_fine"),
        ("schedule.steps", {"low": 10, "high": 50}, "schedule.steps cannot vary: all trials meet"),
        ("task.n_way", {"low": 2, "high": 5}, "task.n_way cannot vary"),
        ("data.store", {"choices": ["a", "b"]}, "data.store cannot vary"),
        ("run.seed", {"low": 0, "high": 5}, "run.seed cannot vary"),
        ("learner.kind", {"choices": ["leo", "ridge"]}, "learner.kind cannot vary"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_field(
    tmp_path: Path,
    toy_experiment: Experiment,
    path: str,
    parameter: dict[str, Any],
    sentence: str,
) -> None:
    file = written(tmp_path / "s.yaml", {path: parameter})
    with pytest.raises(BadInput) as refused:
        require_fitting(load_space(file), toy_experiment, str(file))
    assert sentence in str(refused.value)
    assert str(file) in str(refused.value)
    assert path in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"parameters": {}}, "parameters is {}; it must be a group of names and values"),
        ({"parameters": {"a.b": 3}}, "parameters is 3; it must be a group"),
        ({"trials": 3}, "trials is not a setting; settings are"),
        ({"schema": 2}, "has schema 2; this version of LEO Studio reads up to 1"),
        ({"name": "a b"}, "name is 'a b'; it must be 1 to 100 letters"),
    ],
)
def test_a_file_of_another_form_is_refused(
    tmp_path: Path, values: dict[str, Any], sentence: str
) -> None:
    file = written(
        tmp_path / "s.yaml",
        **({"parameters": {"learner.dropout": {"low": 0.0, "high": 0.5}}} | values),
    )
    with pytest.raises(BadInput) as refused:
        load_space(file)
    assert sentence in str(refused.value)
    assert str(file) in str(refused.value)


def test_what_is_no_space_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.yaml").write_text("[1]")
    with pytest.raises(BadInput, match="is no space"):
        load_space(tmp_path / "no.yaml")
    with pytest.raises(BadInput, match="check the path"):
        load_space(tmp_path / "gone.yaml")


def test_settings_that_a_learner_does_not_have_or_read_cannot_vary(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    ridge = toy_experiment.with_settings({"learner.kind": "ridge"})
    for path, sentence in (
        ("learner.inner_lr", "is a setting of"),
        ("optimizer.outer_lr", "says nothing of ridge regression"),
    ):
        file = written(tmp_path / "s.yaml", {path: {"low": 0.1, "high": 1.0}})
        with pytest.raises(BadInput, match=sentence):
            require_fitting(load_space(file), ridge, str(file))


@pytest.mark.parametrize(
    ("name", "presets"),
    [
        ("glyphs-leo", ["glyphs-5way-1shot", "glyphs-5way-5shot"]),
        ("glyphs-maml", ["glyphs-5way-1shot-maml", "glyphs-5way-1shot-meta-sgd"]),
    ],
)
def test_built_in_spaces_fit_their_presets(
    library_home: Path, name: str, presets: list[str]
) -> None:
    assert {"glyphs-leo", "glyphs-maml"} == set(space_files())
    space = load_space(space_path(name))
    assert space.name == name
    for preset in presets:
        require_fitting(space, Library(library_home).experiment(preset), name)


def test_spaces_are_found_by_name_or_path(tmp_path: Path) -> None:
    assert space_path(str(tmp_path / "own.yaml")) == tmp_path / "own.yaml"
    with pytest.raises(BadInput, match="did you mean glyphs-leo"):
        space_path("glyphs-leoo")
