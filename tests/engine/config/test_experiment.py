from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    Experiment,
    Schedule,
    experiment_from_dict,
    experiment_from_yaml,
    leo_settings,
    load_experiment,
)
from engine.errors import BadInput
from engine.io.yaml_text import parse_yaml, written_yaml

MINIMAL: dict[str, Any] = {"name": "x", "data": {"store": "s"}}


def minimal() -> Experiment:
    return experiment_from_dict(MINIMAL, "test")


@given(
    dropout=st.floats(0, 0.99),
    outer_lr=st.floats(1e-12, 1),
    seed=st.integers(0, 2**63 - 1),
    clip=st.none() | st.floats(1e-9, 10),
)
def test_yaml_brings_back_an_equal_experiment(
    dropout: float, outer_lr: float, seed: int, clip: float | None
) -> None:
    experiment = minimal().with_settings(
        {
            "learner.dropout": dropout,
            "optimizer.outer_lr": outer_lr,
            "run.seed": seed,
            "optimizer.clip_norm": clip,
        }
    )
    assert experiment_from_yaml(experiment.to_yaml(), "again") == experiment


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: x\nname: y", "name stands twice in line 2"),
        ("name: x", "f.yaml lacks data; add it"),
        ("a: [", "f.yaml is not valid YAML"),
        ("- 1", "f.yaml is not an experiment"),
        ("", "f.yaml is not an experiment"),
        ("!!python/object/apply:os.system [ls]", "f.yaml is not valid YAML"),
        ("? {a: b}\n: c", "f.yaml is not"),
    ],
)
def test_files_that_are_no_experiment_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        experiment_from_yaml(text, "f.yaml")
    assert sentence in str(caught.value)


def test_numbers_are_read_as_people_write_them() -> None:
    assert parse_yaml("[1e-4, 2E+3, 5.0e-1, -3e2, 1e4x]", "test") == [
        1e-4,
        2000.0,
        0.5,
        -300.0,
        "1e4x",
    ]


def test_a_missing_or_binary_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_experiment(tmp_path / "nowhere.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="not text in UTF-8"):
        load_experiment(binary)


def test_an_experiment_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        leo_settings(minimal()).dropout = 0.5  # type: ignore[misc]


def test_brackets_without_end_are_one_sentence() -> None:
    """A parser in C would take the process down with it."""
    with pytest.raises(BadInput, match=r"deep\.yaml is not valid YAML"):
        experiment_from_yaml("[" * 100_000, "deep.yaml")


@pytest.mark.parametrize("text", ["\x85", "a\u2028b", "Größe ± 1 %", " spaces ", "- a: [b"])
def test_any_description_comes_back(text: str) -> None:
    experiment = experiment_from_dict({"name": "a", "data": {"store": "s"}}, "a")
    described = experiment.with_settings({"description": text})
    assert experiment_from_yaml(described.to_yaml(), "a") == described


@pytest.mark.parametrize("text", ["1e5", "0E0", "-1e-3", "1.e4", "0x1", "12:30", "null", "plain"])
def test_a_text_that_looks_like_a_number_stays_a_text(text: str) -> None:
    assert parse_yaml(written_yaml({"name": text}), "test") == {"name": text}
    assert parse_yaml(written_yaml({"name": 1e-5}), "test") == {"name": 1e-5}


@pytest.mark.parametrize(("steps", "every"), [(300, 100), (310, 100), (50, 100), (1, 1)])
def test_validations_to_come_are_those_that_training_makes(steps: int, every: int) -> None:
    schedule = Schedule(steps=steps, validate_every=every)
    due = [step for step in range(steps + 1) if schedule.is_validated_after(step)]
    assert due[-1] == steps
    for step in range(steps + 1):
        later = [each for each in due if each > step]
        assert schedule.validations_after(step) == len(later)
        assert not later or schedule.next_validation(step) == later[0]
