"""An evaluation is one record: on disk, in memory, and for everybody who reads it."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.evaluation.record import (
    FOLDER,
    NEAREST_CLASS_MEAN,
    Calibration,
    Evaluation,
    Opponent,
    evaluation_from_dict,
    kept_evaluations,
    read_evaluation,
)
from engine.evaluation.statistics import PairedDifference
from tests.evaluations import kept, whole

PAIRED = {
    "other": NEAREST_CLASS_MEAN,
    "other_accuracy": 0.6548,
    "other_ci95": 0.0038,
    "difference": 0.2214,
    "ci95": 0.0036,
    "excludes_zero": True,
}
shares = st.floats(0, 1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)


@st.composite
def evaluations(draw: st.DrawFn) -> Evaluation:
    episodes = draw(st.integers(2, 12))
    classes = draw(st.dictionaries(names, shares | st.just(math.nan), max_size=5))
    bins = draw(st.lists(st.tuples(st.integers(0, 2**40), shares, shares), max_size=15))
    opponent = st.builds(
        Opponent,
        names,
        shares,
        shares,
        st.builds(PairedDifference, numbers, shares, st.just(episodes)),
    )
    return Evaluation(
        split=draw(names),
        episodes=episodes,
        accuracy=draw(shares),
        ci95=draw(numbers),
        loss=draw(numbers | st.just(math.nan)),
        calibration_error=draw(shares),
        queries_per_class=draw(st.tuples(st.integers(1, 9), st.integers(1, 9))),
        class_names=tuple(classes),
        class_accuracies=np.array(list(classes.values()), np.float64),
        calibration=Calibration(
            np.array([count for count, _, _ in bins], np.int64),
            np.array([share for _, share, _ in bins], np.float64),
            np.array([share for _, _, share in bins], np.float64),
        ),
        accuracies=np.array(
            draw(st.just([]) | st.lists(shares, min_size=episodes, max_size=episodes)), np.float64
        ),
        run=draw(st.just("") | names),
        step=draw(st.integers(0, 10**9)),
        opponent=draw(st.none() | opponent),
        path=Path("kept.json"),
        others=draw(st.dictionaries(st.sampled_from(["note", "seeds"]), st.integers())),
    )


@given(evaluations())
def test_what_is_written_is_read_again(evaluation: Evaluation) -> None:
    again = evaluation_from_dict(json.loads(evaluation.to_json()), Path("kept.json"))

    assert again == evaluation and hash(again) == hash(evaluation)
    assert again.to_json() == evaluation.to_json()


@pytest.mark.parametrize(
    "changes",
    [
        {"accuracies": [0.8125, 0.9]},
        {"accuracy": 0.5},
        {"calibration": {"counts": [1, 8], "confidences": [0.0, 0.9], "accuracies": [0.0, 0.85]}},
        {"classes": {"middling": 0.5, "unseen": 0.1, "best": 0.75}},
        {"paired": PAIRED},
        {"note": "a later version's"},
    ],
)
def test_an_evaluation_with_another_number_is_another(changes: dict[str, Any]) -> None:
    assert kept() == kept() and kept(loss=float("nan")) == kept(loss=float("nan"))
    assert kept(**changes) != kept()


def test_a_file_of_version_0_1_0_is_written_again_to_the_byte(tmp_path: Path) -> None:
    # Its keys in their order: what `leo-studio evaluate --compare` wrote then.
    order = ["run", "checkpoint_step", "accuracy", "ci95", "episodes", "split", "loss"]
    order += ["calibration_error", "queries_per_class", "classes", "calibration", "paired"]
    values = whole(paired=PAIRED, loss=math.nan)
    text = json.dumps({key: values[key] for key in [*order, "accuracies"]}, indent=1) + "\n"
    path = tmp_path / "test-step-000002750-2.json"
    path.write_text(text, encoding="utf-8")

    evaluation = read_evaluation(path)

    assert evaluation.to_json() == text
    assert evaluation.path == path and evaluation.file_name == path.stem
    assert replace(evaluation, path=None).file_name == path.stem


def test_what_a_later_version_wrote_is_kept() -> None:
    later = kept(scores={"bits": 0.3})
    assert later.to_dict()["scores"] == {"bits": 0.3}
    assert later.summary()["scores"] == {"bits": 0.3}
    assert later != kept()


def test_an_old_file_without_accuracies_classes_and_bins_can_be_read() -> None:
    values = whole()
    for key in ("accuracies", "classes", "calibration", "run"):
        values.pop(key)
    old = evaluation_from_dict(values, Path("old.json"))

    assert len(old.accuracies) == len(old.class_names) == len(old.calibration.counts) == 0
    assert old.accuracy == 0.875
    assert "accuracies" not in old.to_dict()


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": [1, 2]},
        {"classes": {"a": "0.5"}},
        {"loss": None},
        {"accuracy": "0.5"},
        {"accuracy": True},
        {"episodes": 2.5},
        {"checkpoint_step": None},
        {"queries_per_class": [39]},
        {"calibration": {"counts": [1], "confidences": [0.5, 0.5], "accuracies": [0.5]}},
        {"calibration": {"counts": [0.5], "confidences": [0.5], "accuracies": [0.5]}},
        {"calibration": {"counts": [2**70], "confidences": [0.5], "accuracies": [0.5]}},
        {"ci95": 10**400},
        {"paired": {"other": "x"}},
        *[{"accuracies": each} for each in (3, "many", [[0.1]], [None, 0.5], None, [0.5])],
        {"accuracies": [0.5, math.nan]},
        {"accuracies": [0.5, 1.5]},
        {"accuracy": -0.5},
        {"accuracy": 59.9},
        {"classes": {"a": 2}},
        {"calibration": {"counts": [-1], "confidences": [0.5], "accuracies": [0.5]}},
        {"calibration": {"counts": [1], "confidences": [7], "accuracies": [0.5]}},
    ],
)
def test_a_file_that_says_too_little_is_refused_in_a_sentence(changes: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"^kept\.json is no whole evaluation; evaluate again\.$"):
        kept(Path("kept.json"), **changes)


@pytest.mark.parametrize("key", ["split", "checkpoint_step", "ci95", "queries_per_class", "loss"])
def test_a_file_without_a_part_is_refused(key: str) -> None:
    values = whole()
    values.pop(key)
    with pytest.raises(BadInput, match="is no whole evaluation"):
        evaluation_from_dict(values, Path("kept.json"))


def test_damaged_files_are_passed_over_and_named(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "whole.json").write_text(json.dumps(whole()), encoding="utf-8")
    for name, text in (("broken", "{"), ("list", "[]"), ("half", '{"split": "test"}')):
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    (folder / "bytes.json").write_bytes(b"\xff")

    found = kept_evaluations(tmp_path)

    assert found.evaluations == (kept(folder / "whole.json"),)
    broken = [f"{folder / name}.json" for name in ("broken", "bytes", "half", "list")]
    assert [sentence.split(" is no")[0] for sentence in found.problems] == sorted(broken)
    assert kept_evaluations(tmp_path / "no-run") == ((), ())


def test_no_path_of_this_machine_is_told() -> None:
    evaluation = kept(paired=PAIRED | {"other": "/home/me/runs/mini-1"}).without_paths()
    assert "/home" not in evaluation.to_json() and "/library" not in evaluation.to_json()
    assert evaluation.opponent is not None and evaluation.opponent.name == "mini-1"
    baseline = kept(paired=PAIRED).without_paths().opponent
    assert baseline is not None and baseline.is_baseline
    assert baseline.name == "nearest class mean"
