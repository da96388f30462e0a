"""`leo-studio study`: a table from a file, in all its forms."""

import csv
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from tests.command_line import Cli, cli

__all__ = ["cli"]


@pytest.fixture
def study(library_home: Path, toy_experiment: Experiment, tmp_path: Path) -> Path:
    """The file of a study of baselines, which take a moment."""
    Library(library_home).save_preset("toy", toy_experiment)
    path = tmp_path / "bases.yaml"
    values = {
        "schema": 1,
        "name": "bases",
        "about": "Which baseline is best",
        "preset": "toy",
        "columns": [{"name": "2-shot"}],
        "rows": [
            {"name": "Class mean", "set": {"learner.kind": "class_mean"}},
            {"name": "Ridge & co", "set": {"learner.kind": "ridge"}},
        ],
        "episodes": 12,
        "against": "Class mean",
        "published": {
            "source": "Nobody 2020",
            "comparable": "Nothing is.",
            "figures": {"Class mean": {"2-shot": [61.7, 0.5]}},
        },
    }
    path.write_text(written_yaml(values))
    return path


@pytest.mark.slow
def test_a_study_is_carried_out_printed_and_written(cli: Cli, study: Path, tmp_path: Path) -> None:
    outcome = cli("study", str(study), "--out", str(tmp_path / "table.md"))
    assert outcome.status == 0
    assert "Class-mean-2-shot  " in outcome.err
    assert "2-shot, %" in outcome.out and "minus Class mean" in outcome.out
    assert "Holm's correction for 1 comparisons" in outcome.out
    assert "Published: Nobody 2020. Nothing is." in outcome.out
    assert "61.70 ± 0.50" in outcome.out
    assert "Not every run" not in outcome.out

    text = (tmp_path / "table.md").read_text()
    lines = text.splitlines()
    assert lines[0].startswith("|  | 2-shot, % | minus Class mean | published, % |")
    assert len({line.count("|") for line in lines[:4]}) == 1

    # From what there is, without any training.
    tex = cli("study", str(study), "--table", "--out", str(tmp_path / "table.tex"))
    assert tex.status == 0
    written = (tmp_path / "table.tex").read_text()
    assert "Ridge \\& co & " in written and written.count("\\\\") == 3

    json = cli("study", str(study), "--table", "--json").json
    assert json["is_whole"]
    assert [entry["row"] for entry in json["entries"]] == ["Class mean", "Ridge & co"]
    assert json["entries"][0]["difference"] is None
    assert cli("study", str(study), "--table", "--out", str(tmp_path / "table.csv")).status == 0
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[1]["accuracy"]) == pytest.approx(json["entries"][1]["accuracy"])
    assert rows[0]["published"] == "0.617"


def test_what_is_not_there_yet_is_said(cli: Cli, study: Path) -> None:
    outcome = cli("study", str(study), "--table")
    assert outcome.status == 0
    assert "Not every run is evaluated yet." in outcome.out


def test_studies_are_listed(cli: Cli) -> None:
    outcome = cli("study")
    assert outcome.status == 0
    assert "table-2-glyphs" in outcome.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing"], 'There is no study "nothing"; there are '),
        (["bases.yaml", "--seeds", "0"], "command line: seeds is 0; it must be at least 1"),
        (["bases.yaml", "--set", "learner.shots=1"], "learner.shots is not a setting"),
        (
            ["bases.yaml", "--out", "table.doc"],
            "--out is table.doc; its name must end with .md or .tex or",
        ),
        (["bases.yaml", "--set", "data.store=gone"], 'No store named "gone" in the library'),
        (["gone.yaml"], "check the path"),
        (["bases.yaml", "--on", "moon"], "--on moon: there are local, slurm and ray."),
        (["bases.yaml", "--slurm", "time=1"], "add --on slurm"),
        (["bases.yaml", "--ray", "auto"], "add --on ray"),
        (["bases.yaml", "--on", "slurm"], "Say with --at-once how many jobs"),
    ],
)
def test_mistakes_are_one_sentence(
    cli: Cli, study: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(study.parent)
    outcome = cli("study", *words)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert not (study.parent / "library" / "studies").exists()
