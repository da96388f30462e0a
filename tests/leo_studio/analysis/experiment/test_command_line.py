import shlex
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import Experiment, experiment_from_dict, load_experiment
from engine.config.built_in import built_in_presets
from engine.errors import BadInput
from leo_studio.analysis.experiment.command_line import command_line, command_words
from leo_studio.cli.training import parsed_changes

PRESETS = {path.stem: load_experiment(path) for path in sorted(built_in_presets().glob("*.yaml"))}
POSITIVE = st.floats(1e-12, 10, allow_nan=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CHANGES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,20}", fullmatch=True),
        "description": TEXTS,
        "data.store": TEXTS,
        "data.train_splits": st.sampled_from([["train"], ["train", "val"], ["val"]]),
        "data.normalize": st.booleans(),
        "task.n_way": st.integers(2, 1000),
        "task.k_shot": st.integers(1, 15),
        "optimizer.clip_value": st.none() | POSITIVE,
        "schedule.early_stopping": st.none() | st.integers(1, 10**9),
        "run.seed": st.integers(0, 2**63 - 1),
        "run.device": st.sampled_from(["auto", "cpu", "cuda:1"]),
        "run.threads": st.none() | st.integers(1, 1024),
    },
)
LEARNERS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "leo": {
        "learner.variant": st.sampled_from(["full", "no_finetuning", "random_prior"]),
        "learner.inner_lr": POSITIVE,
        "learner.dropout": st.floats(0, 1, exclude_max=True),
        "learner.kl_weight": st.floats(0, 1e300),
    },
    "protonet": {"learner.projected_size": st.integers(1, 9), "learner.l2_weight": POSITIVE},
    "matching": {"learner.projected_size": st.integers(1, 9), "learner.scale": POSITIVE},
    "ridge": {"learner.penalty": POSITIVE},
}
OF_A_KIND = st.sampled_from(sorted(LEARNERS)).flatmap(
    lambda kind: st.fixed_dictionaries({"learner.kind": st.just(kind)}, optional=LEARNERS[kind])
)


ON_STORES = sorted(name for name, each in PRESETS.items() if each.task.needs_store)
ON_FUNCTIONS = sorted(PRESETS.keys() - set(ON_STORES))
OF_FUNCTIONS: dict[str, Any] = {"task.noise": 0.5, "run.seed": 3, "optimizer.decay": "constant"}


def retold(words: list[str]) -> Experiment:
    """Read a command as `leo-studio train` does."""
    assert words[:2] == ["leo-studio", "train"]
    assert all(word == "--set" for word in words[3::2])
    return PRESETS[words[2]].with_settings(parsed_changes(words[4::2]), "--set")


@settings(deadline=None)
@given(preset=st.sampled_from(ON_STORES), changes=CHANGES, learner=OF_A_KIND)
def test_the_command_trains_an_equal_experiment(
    preset: str, changes: dict[str, Any], learner: dict[str, Any]
) -> None:
    experiment = PRESETS[preset].with_settings(changes | learner)

    words = command_words(experiment, PRESETS, preset)
    assert retold(words) == experiment
    assert all(word.isprintable() for word in words)


@pytest.mark.parametrize("preset", ON_FUNCTIONS)
@pytest.mark.parametrize("nearest", ["glyphs-5way-1shot", "sine-line-5shot"])
def test_the_command_trains_an_equal_experiment_on_functions(preset: str, nearest: str) -> None:
    experiment = PRESETS[preset].with_settings(OF_FUNCTIONS)
    assert retold(command_words(experiment, PRESETS, preset)) == experiment
    assert retold(command_words(experiment, {nearest: PRESETS[nearest]}, nearest)) == experiment
    back = command_words(PRESETS["mini-1shot"], {preset: experiment}, preset)
    assert experiment.with_settings(parsed_changes(back[4::2])) == PRESETS["mini-1shot"]


def test_the_command_survives_the_shell() -> None:
    experiment = PRESETS["mini-1shot"].with_settings({"description": 'it\'s "5 $HOME"\n# no'})

    line = command_line(experiment, PRESETS)
    assert "\n" not in line
    assert retold(shlex.split(line)) == experiment


def test_an_untouched_preset_needs_no_settings() -> None:
    assert command_line(PRESETS["mini-1shot"], PRESETS) == "leo-studio train mini-1shot"


def test_numbers_and_words_are_given_plainly() -> None:
    experiment = PRESETS["mini-1shot"].with_settings(
        {"learner.dropout": 0.5, "run.device": "cpu", "optimizer.clip_norm": None}
    )

    assert command_line(experiment, PRESETS, "mini-1shot") == (
        "leo-studio train mini-1shot --set learner.dropout=0.5 --set optimizer.clip_norm=null "
        "--set run.device=cpu"
    )


def test_the_nearest_preset_is_where_the_command_starts() -> None:
    five = PRESETS["mini-5shot"]
    experiment = five.with_settings({"run.seed": 3})

    assert command_words(experiment, PRESETS, "glyphs-5way-1shot")[2] == "mini-5shot"


def test_without_presets_the_command_is_refused_in_a_sentence() -> None:
    experiment = experiment_from_dict({"name": "x", "data": {"store": "glyphs"}}, "test")

    with pytest.raises(BadInput, match="no preset"):
        command_line(experiment, {})
