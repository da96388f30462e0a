"""Titles of runs say what differs from their preset, and tell runs apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.config import Experiment, load_experiment
from engine.config.built_in import built_in_presets
from leo_studio.services.records import PresetEntry, RunEntry
from leo_studio.services.run_titles import changes_of, title_of, title_to_be, with_titles

PRESET = load_experiment(built_in_presets() / "glyphs-5way-1shot.yaml")


def run(changes: dict[str, Any], folder: str = "", created: str = "2026-11-01") -> RunEntry:
    name = folder or f"{PRESET.name}-20261101-101112"
    experiment = PRESET.with_settings(changes)
    return RunEntry(Path("/runs", name), preset=PRESET.name, experiment=experiment, created=created)


def titles(*runs: RunEntry, presets: dict[str, Experiment] | None = None) -> list[str]:
    known = {PRESET.name: PRESET} if presets is None else presets
    return [each.title for each in with_titles(runs, known)]


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "5-way 1-shot, glyphs, seed 0"),
        (
            {"data.store": "leaves100", "learner.inner_steps": 1, "run.seed": 2},
            "5-way 1-shot, leaves100, inner steps 1, seed 2",
        ),
        ({"task.n_way": 20, "task.k_shot": 5}, "20-way 5-shot, glyphs, seed 0"),
        ({"data.store": "/data/My leaves.h5"}, "5-way 1-shot, My leaves, seed 0"),
        ({"run.device": "cpu", "run.threads": 2}, "5-way 1-shot, glyphs, seed 0"),
        ({"schedule.steps": 1400}, "5-way 1-shot, glyphs, 1,400 outer steps, seed 0"),
        ({"schedule.validate_every": 7, "evaluation.episodes": 9}, "5-way 1-shot, glyphs, seed 0"),
        ({"optimizer.clip_norm": None}, "5-way 1-shot, glyphs, clip norms off, seed 0"),
        ({"data.normalize": False}, "5-way 1-shot, glyphs, normalise off, seed 0"),
        (
            {"learner.inner_steps": 1, "learner.finetuning_steps": 0, "learner.inner_lr": 0.5,
             "learner.dropout": 0.0, "learner.latent_size": 16},
            "5-way 1-shot, glyphs, latent size 16, inner steps 1, inner learning rate 0.5, "
            "2 more changes, seed 0",
        ),
    ],
)  # fmt: skip
def test_a_title_says_task_store_changes_and_seed(changes: dict[str, Any], title: str) -> None:
    assert titles(run(changes)) == [title]


def test_an_experiment_that_a_person_named_is_called_so() -> None:
    mine = replace(
        run({"name": "mine", "learner.inner_steps": 1}, "mine-20261101-101112"), preset=PRESET.name
    )
    (titled,) = with_titles([mine], {PRESET.name: PRESET})
    assert titled.title == "mine, inner steps 1, seed 0"
    assert titled.changes == ("inner steps 1",)
    entry = PresetEntry(PRESET.name, Path("x.yaml"), True, PRESET)
    assert mine.experiment is not None
    assert title_to_be(mine.experiment, [entry], PRESET.name) == titled.title


def test_another_learner_is_named() -> None:
    ridge = load_experiment(built_in_presets() / "glyphs-5way-1shot-ridge.yaml")
    assert title_of(ridge) == "5-way 1-shot, glyphs, ridge regression, seed 0"


def test_a_backbone_is_named_by_its_network_and_not_by_the_tasks_that_validate_it() -> None:
    preset = load_experiment(built_in_presets() / "pretrain-omniglot-conv4.yaml")
    changed = preset.with_settings({"learner.lr": 0.2})
    assert title_of(preset) == "Conv-4, omniglot_full_png-32px, seed 0"
    assert title_of(changed, preset).endswith("-32px, learning rate 0.2, seed 0")


def test_a_preset_that_is_gone_leaves_the_rest() -> None:
    assert titles(run({"learner.inner_steps": 1}), presets={}) == ["5-way 1-shot, glyphs, seed 0"]


def test_a_name_that_a_person_gave_is_the_title_and_the_changes_stay() -> None:
    (named,) = with_titles([run({"learner.inner_steps": 1}, "My best one")], {PRESET.name: PRESET})
    assert named.title == "My best one" and named.changes == ("inner steps 1",)


def test_a_second_run_within_one_second_is_not_named_by_hand() -> None:
    assert titles(run({}, f"{PRESET.name}-20261101-101112-a0f3")) == [
        "5-way 1-shot, glyphs, seed 0"
    ]


def test_of_equal_titles_the_oldest_has_it_as_it_is() -> None:
    newer, older, other = (
        run({}, created="2026-11-02"),
        run({}, created="2026-11-01"),
        run({"run.seed": 1}, created="2026-11-03"),
    )
    assert titles(newer, older, other) == [
        "5-way 1-shot, glyphs, seed 0 (2)",
        "5-way 1-shot, glyphs, seed 0",
        "5-way 1-shot, glyphs, seed 1",
    ]


def test_a_folder_that_is_no_run_is_called_by_its_name() -> None:
    broken = RunEntry(Path("/runs/half"), problem="No run.json.")
    assert titles(replace(broken)) == ["half"]


def test_all_changes_are_told_beside_the_title() -> None:
    many = PRESET.with_settings(
        {"learner.inner_steps": 1, "learner.latent_size": 1, "schedule.validate_every": 7}
    )
    assert changes_of(many, PRESET) == (
        "latent size 1",
        "inner steps 1",
        "validate every 7 outer steps",
    )
