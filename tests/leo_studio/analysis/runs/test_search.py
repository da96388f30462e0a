"""Queries of the search line find these runs and no others."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import experiment_from_dict
from engine.errors import BadInput
from engine.runs.record import Best
from leo_studio.analysis.runs.search import FILTERS, parse_query
from leo_studio.services.records import RunEntry

EXPERIMENT = experiment_from_dict({"name": "toy", "data": {"store": "s"}}, "toy")
RUN = RunEntry(
    Path("/runs/mini-Tuesday"),
    "1",
    status="finished",
    preset="mini-1shot",
    experiment=EXPERIMENT,
    step=40,
    steps=40,
    best=Best(step=30, score="accuracy", value=0.62),
    store="miniImageNet",
    device="cpu",
    note="Longer inner loop",
    tags=("paper", "table 2"),
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tuesday",
        "INNER loop",
        "state:finished",
        "state:fin tag:paper",
        'tag:"table 2"',
        "preset:mini best>0.6",
        "best>60 best<=62%",
        "best>0,6 best<=62,5% best>6e-1",
        "way:5 shot:1 steps=40 step>=40",
        "-tag:old -seed:3 store:image",
        '"longer inner"',
        "-tuesdays",
    ],
)
def test_what_fits_is_found(text: str) -> None:
    assert parse_query(text).matches(RUN)


@pytest.mark.parametrize(
    "text",
    [
        "wednesday",
        "state:failed",
        "tag:pap",
        "best>0.7",
        "best>62",
        "best<1%",
        "way:20",
        "-tag:paper",
        "-mini",
    ],
)
def test_what_does_not_fit_is_not_found(text: str) -> None:
    assert not parse_query(text).matches(RUN)


@pytest.mark.parametrize("sign", ":=")
def test_a_seed_is_filtered_by_and_no_other_word_is_taken_for_it(sign: str) -> None:
    assert parse_query("best>0.6 seed:0").matches(RUN)
    wanted = f"best>0.6 seed{sign}1"
    assert not parse_query(wanted).matches(RUN)  # its preset has a 1, too
    seeded = replace(RUN, experiment=EXPERIMENT.with_settings({"run.seed": 1}))
    assert parse_query(wanted).matches(seeded)


def test_a_run_that_cannot_be_read_is_in_no_other_state() -> None:
    unreadable = replace(RUN, problem="run.json is damaged.")
    assert parse_query("state:unreadable").matches(unreadable)
    assert not parse_query("state:finished").matches(unreadable)


def test_runs_without_a_number_are_not_compared() -> None:
    unvalidated = replace(RUN, best=None)
    assert not parse_query("best>0").matches(unvalidated)
    assert not parse_query("best<1").matches(unvalidated)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour:red", 'no filter "colour"'),
        ("state:gone", 'No state is called "gone"'),
        ("best>high", "best is a number"),
        ("best>1,000.5", 'best is a number, not "1,000.5"; write best>0.6.'),
        ("step>10,000", 'step is a whole number, in digits alone, not "10,000"; write step>1.'),
        ("tag:", "tag: needs a value"),
        ("preset>3", "preset is a text"),
    ],
)
def test_a_bad_filter_is_explained(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_query(text)


@given(st.text())
def test_any_text_is_a_search_or_explained(text: str) -> None:
    try:
        parse_query(text).matches(RUN)
    except BadInput as error:
        assert str(error)


@given(st.sampled_from(["way", "shot", "step", "steps", "seed"]), st.integers(0, 100))
def test_smaller_equal_and_larger_part_all_runs(key: str, number: int) -> None:
    found = [parse_query(f"{key}{sign}{number}").matches(RUN) for sign in "<=>"]
    assert sum(found) == 1


def test_every_filter_is_understood() -> None:
    for key in FILTERS:
        value = "finished" if key == "state" else "1"
        parse_query(f"{key}:{value}")
