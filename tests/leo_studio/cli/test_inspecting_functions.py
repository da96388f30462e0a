"""`leo-studio inspect` of runs that learn functions: tasks, and points that were kept."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.data.store import EmbeddingStore
from engine.inspection.functions import load_functions
from engine.inspection.kept_points import read_points
from engine.runs.run import Run
from tests.command_line import Cli, cli, small

__all__ = ["cli"]

SMALL = (
    *("--steps", "6", "--set", "schedule.validate_every=3", "--set", "optimizer.meta_batch=2"),
    *("--set", "schedule.validation_episodes=8"),
)


def trained(cli: Cli, preset: str = "sine-line-5shot-maml", *more: str) -> str:
    run: str = cli("train", preset, *SMALL, *more, "--json").json["run"]
    return run


def test_a_task_is_printed_and_given_as_json(cli: Cli) -> None:
    run = trained(cli, "sine-line-5shot")
    found = cli("inspect", run, "--episode", "3", "--json").json
    opened = Run(Path(run))
    seen = load_functions(opened, opened.checkpoint().step).record(3)
    assert (found["task"], found["points_changed"]) == (3, False)
    assert found["families"] == list(seen.families) == ["sine", "line"]
    for name, mine in (
        ("mean", seen.mean[-1]),
        ("band", seen.band[-1]),
        ("true_function", seen.truth),
        ("log_likelihood", seen.log_likelihood),
    ):
        wanted = np.asarray(mine)
        np.testing.assert_allclose(found[name], wanted, rtol=1e-5, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(found["samples"]["values"], seen.values[-1], rtol=1e-4, atol=1e-5)
    assert sum(found["limit"]["family_probability"].values()) == pytest.approx(1)
    assert np.shape(found["codes"]) == (seen.steps + 1, 16)
    text = cli("inspect", run, "--episode", "3", "--samples", "7").out
    assert text.startswith("test 3, step ") and "by the Bayes-optimal limit; sine" in text
    assert "true function" in text and " of 7: weight " in text
    assert text.count("sample ") == 5 and f"({seen.support_x[0]:.3f}, " in text


def test_points_are_kept_looked_at_again_and_shown_to_another_run(cli: Cli, tmp_path: Path) -> None:
    run, same = trained(cli), trained(cli, "sine-line-5shot-maml", "--seed", "1")
    other = trained(cli, "sine-line-5shot-maml", "--set", "task.noise=0.5")
    path = tmp_path / "points.json"
    made = cli("inspect", run, "--episode", "2", "--out", str(path))
    assert made.status == 0 and f"Written to {path}" in made.err
    assert cli("inspect", run, "--episode", "2", "--out", str(path)).status == 2  # it is there
    kept = read_points(path)
    assert (kept.number, kept.run) == (2, Path(run).name)
    again = cli("inspect", run, "--points", str(path), "--json").json
    plain = cli("inspect", run, "--episode", "2", "--json").json
    assert again == plain
    edited = json.loads(path.read_text())
    edited["y"][0] += 1.0
    edited["note"] = "one is higher"
    path.write_text(json.dumps(edited))
    for name in (run, same):
        seen = cli("inspect", name, "--points", str(path), "--json").json
        assert (seen["task"], seen["points_changed"], seen["true_function"]) == (2, True, None)
        assert seen["points"]["y"][0] == pytest.approx(edited["y"][0])
    shown = cli("inspect", other, "--points", str(path))
    assert shown.out.startswith("points of no task, step ")
    assert "They were points of task 2" in shown.err and "one is higher" in shown.err
    assert cli("inspect", other, "--points", str(path), "--json").json["task"] is None
    copy = tmp_path / "copy.json"
    cli("inspect", same, "--points", str(path), "--out", str(copy))
    copied = read_points(copy)
    assert (copied.x, copied.y, copied.own_x, copied.number, copied.note) == (
        *(kept.x, tuple(edited["y"]), kept.own_x, 2),
        "one is higher",
    )


@pytest.mark.parametrize("name", ["task.h5", "task.csv", "task.svg"])
def test_all_numbers_or_a_figure_go_to_a_file(cli: Cli, tmp_path: Path, name: str) -> None:
    made = cli("inspect", trained(cli), "--episode", "0", "--out", str(tmp_path / name))
    assert made.status == 0 and any(tmp_path.glob("task*"))


def test_a_bad_file_is_one_sentence_and_points_are_of_functions_alone(
    cli: Cli, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    path = tmp_path / "points.json"
    path.write_text('{"kind": "points", "schema": 1, "x": [1], "y": [null]}')
    failed = cli("inspect", trained(cli), "--points", str(path))
    assert failed.status == 2 and f"{path}: y.0 is not as it should be" in failed.err
    assert failed.err.count("\n") == 1 and not failed.out
    of_classes = cli(*small(toy_store), "--json").json["run"]
    failed = cli("inspect", of_classes, "--episode", "0", "--points", str(path))
    assert failed.status == 2 and "--points is of functions" in failed.err
    failed = cli("inspect", of_classes)
    assert failed.status == 2 and "--episode 0" in failed.err and "Traceback" not in failed.err
