"""`leo-studio runs`: also of runs that links lead to, and of those that cannot be read."""

import json
import shutil
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.runs import ownership
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from tests.command_line import Cli, cli

__all__ = ["cli"]


@pytest.fixture
def run(library_home: Path, toy_experiment: Experiment) -> Run:
    return Run.create(Library(library_home).runs, toy_experiment, StoreRecord())


def test_runs_of_a_later_version_are_listed_and_can_be_deleted(
    cli: Cli, run: Run, library_home: Path
) -> None:
    by_experiment, by_record = run.path.with_name("n1"), run.path.with_name("n3")
    for copy in (by_experiment, by_record):
        shutil.copytree(run.path, copy)
    settings = by_experiment / "experiment.yaml"
    settings.write_text(settings.read_text().replace("schema: 2", "schema: 3"))
    record = by_record / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"schema": 3, "status": "new"}))

    listed = cli("runs", "list")
    assert listed.status == 0 and listed.out.count("needs a newer LEO Studio") == 2
    for file in (settings, record):
        assert f"{file} has schema 3" in listed.err
    assert run.name in listed.out
    found = {each["name"]: each for each in cli("runs", "list", "--json").json}
    assert found["n3"]["status"] == "needs a newer LEO Studio" and found["n3"]["step"] is None
    assert found["n3"].keys() == {*found[run.name].keys(), "problem"}

    for name in ("n1", "n3"):
        assert "update LEO Studio" in cli("runs", "show", name).err
        assert cli("runs", "delete", name).status == 0
    assert [path.name for path in library_home.joinpath("runs").iterdir()] == [run.name]


def test_deleting_a_link_says_where_the_run_stays(cli: Cli, run: Run, tmp_path: Path) -> None:
    real = tmp_path / "bigdisk"
    shutil.move(run.path, real)
    run.path.symlink_to(real)
    assert run.name in cli("runs", "list").out
    assert cli("runs", "show", run.name).status == 0
    deleted = cli("runs", "delete", run.name)
    assert f"{run.name} is a link, which alone is now in " in deleted.out
    assert f"the run stays at {real}" in deleted.out
    assert (real / "run.json").is_file() and not run.path.is_symlink()


def test_a_list_says_where_a_run_may_still_be_trained_and_deleting_it_waits(
    cli: Cli, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.update(status="running", host="cluster7")
    assert "running on cluster7?" in cli("runs", "list").out
    ticks = iter(range(10_000))
    clock = ownership.Clock(ticks=lambda: 1e9 + next(ticks), sleep=lambda _: None)
    monkeypatch.setattr(ownership, "CLOCK", clock)
    monkeypatch.setattr(ownership, "_SIGHTINGS", ownership._Sightings())
    deleted = cli("runs", "delete", run.name)
    assert deleted.status == 0 and not run.path.exists()
    said = f"Looking whether {run.name} is still being trained on cluster7 ..."
    assert said in deleted.err
