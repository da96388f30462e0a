"""The command line on a file of one's own functions, from training to a bundle."""

import json
import zipfile
from pathlib import Path

import pytest

from engine.runs.run import Run
from tests.command_line import Cli, cli
from tests.function_files import oscillations
from tests.leo_studio.report.page import Page

__all__ = ["cli"]

SHORT = ("--steps", "6", "--set", "schedule.validate_every=3", "--set", "task.noise=2")
SMALL = (*SHORT, "--set", "schedule.validation_episodes=8", "--set", "optimizer.meta_batch=2")
FEWER = ("--set", "learner.evaluation_samples=4")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    return oscillations(tmp_path / "mine" / "damped.csv", tasks=40)


def trained(cli: Cli, preset: str, *more: str) -> str:
    words = ("train", preset, *SMALL, "--set", "task.functions=damped.csv", *more, "--json")
    run: str = cli(*words).json["run"]
    return run


def test_own_functions_are_trained_resumed_and_evaluated(
    cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = trained(cli, "sine-line-5shot", *FEWER)
    monkeypatch.chdir(tmp_path)
    assert cli("resume", run, "--steps", "9", "--json").json["step"] == 9
    evaluated = cli("evaluate", run, "--episodes", "12", "--json").json
    assert evaluated["scores"]["tasks"] == 12 and "plain" in evaluated
    assert not {name for name in evaluated["scores"] if "risk" in name or "limit" in name}
    text = cli("evaluate", run, "--episodes", "12").out
    for words in ("of damped.csv", "none is known", "median squared error", "plain samples"):
        assert words in text
    for word in ("risk", "nan", "Bayes"):
        assert word not in text
    assert f"functions: {file}" in cli("runs", "show", run).out


def test_own_functions_are_looked_at_reported_and_not_compared_by_a_limit(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    run, other = trained(cli, "sine-line-5shot", *FEWER), trained(cli, "sine-line-5shot-maml")
    seen = cli("inspect", run, "--episode", "3", "--json").json
    assert seen["limit"] is None and seen["name"].startswith("station ")
    assert max(abs(y - 500) for y in seen["points"]["y"]) < 200  # in the unit of the file
    kept = str(tmp_path / "kept.json")
    assert cli("inspect", run, "--episode", "3", "--out", kept).status == 0
    again = cli("inspect", run, "--points", kept, "--json").json
    assert (again["task"], again["mean"]) == (3, seen["mean"])
    text = cli("inspect", run, "--points", kept).out
    assert "limit" not in text and "LEO's mean" in text
    for table in ("points.csv", "task.svg"):
        assert cli("inspect", run, "--episode", "3", "--out", str(tmp_path / table)).status == 0
    assert cli("evaluate", run, "--episodes", "12").status == 0
    page = str(tmp_path / "report.html")
    assert cli("report", run, other, "--out", page, "--episodes", "12").status == 0
    source = Path(page).read_text(encoding="utf-8")
    assert "No limit is known: the functions were measured" in source
    assert "median squared error" in source and "Most uncertain" in source
    assert "Most ambiguous" not in source and "damped.csv" in source and str(file) not in source
    assert "functions of a file are not compared task by task" in source
    assert "confidence interval over functions" in source
    assert "interval over tasks" not in source and "is the highest log likelihood" in source
    record = Run(Path(run)).record.store
    assert "File of functions <bdi>damped.csv</bdi>" in source and record.fingerprint in source
    assert "No data" not in source and f"{record.splits['train']['points']:,}" in source
    failed = cli("evaluate", run, "--episodes", "12", "--compare", other)
    assert failed.status == 2 and "functions of a file are not compared task by task" in failed.err


def test_runs_on_copies_of_a_file_are_seeds_of_one_and_nothing_says_where_it_lies(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    runs = []
    for seed, folder in enumerate(folders):
        folder.mkdir()
        (folder / "damped.csv").write_bytes(file.read_bytes())
        where = ("--set", f"task.functions={folder / 'damped.csv'}", "--seed", str(seed))
        runs.append(cli("train", "sine-line-5shot-maml", *SMALL, *where, "--json").json["run"])
    page = tmp_path / "report.html"
    assert cli("report", *runs, "--out", str(page), "--episodes", "12").status == 0
    source = page.read_text(encoding="utf-8")
    assert str(tmp_path) not in source and "File of functions" in source
    assert "Mean of the 2 runs with seeds 0, 1" in source


def test_runs_on_files_with_other_points_are_not_ranked(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "damped.csv"
    other.write_text(file.read_text().replace("station 1,", "station one,"))
    where = ("--set", f"task.functions={other}")
    words = ("train", "sine-line-5shot-maml", *SMALL, *where, "--json")
    runs = [trained(cli, "sine-line-5shot-maml"), cli(*words).json["run"]]
    page = tmp_path / "report.html"
    assert cli("report", *runs, "--out", str(page), "--episodes", "12").status == 0
    source = page.read_text(encoding="utf-8")
    assert "highest log likelihood" not in source and "Mean of the" not in source
    assert "These runs were not all evaluated on the same tasks" in source


def test_a_file_that_has_changed_is_a_sentence_and_can_be_given(cli: Cli, file: Path) -> None:
    run = trained(cli, "sine-line-5shot-maml")
    was = file.read_text()
    file.write_text(was + "station 1,105,500,\n")
    for words in (("evaluate", run), ("resume", run, "--steps", "9")):
        failed = cli(*words)
        assert failed.status == 2 and "is not as it was when" in failed.err
        assert "Traceback" not in failed.err
    Path("elsewhere.csv").write_text(was)
    given = cli("evaluate", run, "--episodes", "8", "--store", "elsewhere.csv")
    assert given.status == 0 and "elsewhere.csv now" in given.err
    assert cli("evaluate", run, "--episodes", "8").status == 0


def test_a_report_of_own_functions_is_called_as_its_run_and_says_that_the_file_differs(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    run = trained(cli, "sine-line-5shot", *FEWER)
    out = tmp_path / "page.html"
    assert cli("report", run, "--out", str(out), "--episodes", "8").status == 0
    page = Page(out)
    assert page.mistakes == []
    name = Path(run).name
    assert "<h1><bdi>5-shot regression, damped" in page.source
    assert f'<p class="kicker">Run <bdi>{name}</bdi></p>' in page.source
    header, _, rest = page.words.partition("How to read it")
    assert "sines and lines from five noisy points" not in header
    differing = rest.partition("What differs from preset")[2].partition("All settings")[0]
    assert "Task › File of functions damped.csv –" in differing


@pytest.mark.parametrize("command", ["inspect", "report"])
def test_whoever_asks_for_a_file_that_is_gone_takes_it_from_where_it_is_now(
    cli: Cli, file: Path, command: str
) -> None:
    run = trained(cli, "sine-line-5shot-maml")
    file.rename("elsewhere.csv")
    words = {"inspect": ("--episode", "3"), "report": ("--out", "one.html", "--episodes", "8")}
    failed = cli(command, run, *words[command])
    assert failed.status == 2 and "say where it is: --store FILE" in failed.err
    assert cli(command, run, *words[command], "--store", "elsewhere.csv").status == 0
    assert Run(Path(run)).record.store.path == str(Path("elsewhere.csv").resolve())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--set", "task.functions=none.csv"), "There is no file of functions at"),
        (("--set", "task.k_shot=20"), "tasks have fewer than 21 points"),
        (("--set", "task.families=[line]"), "functions of a file are of no family"),
        (("--set", "task.functions=times.csv"), "column x goes from 1700000"),
        (("--set", "task.noise=1000"), "have a standard deviation of"),
        (("--set", "task.functions=", "--set", "task.noise=101"), "at most 100 where functions"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    cli: Cli, file: Path, words: tuple[str, ...], sentence: str
) -> None:
    lines = [line.split(",") for line in file.read_text().splitlines()[1:]]
    times = [f"{task},{1.7e9 + float(x)!r},{y}" for task, x, y, _ in lines]
    Path("times.csv").write_text("\n".join(["task,x,y", *times]))
    name = ("--set", "task.functions=damped.csv", "--set", "task.noise=2")
    failed = cli("train", "sine-line-5shot-maml", *name, *words)
    assert failed.status == 2 and sentence in failed.err and "Traceback" not in failed.err


def test_many_seeds_are_trained_as_a_population(cli: Cli, file: Path) -> None:
    words = ("--set", "task.functions=damped.csv", "--seeds", "2", "--json")
    reports = cli("train", "sine-line-5shot-maml", *SMALL, *words).json
    assert [each["status"] for each in reports] == ["finished", "finished"]


def test_a_bundle_says_the_scaling_and_nothing_of_where_the_file_lies(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    run = trained(cli, "sine-line-5shot-maml")
    cli("evaluate", run, "--episodes", "8")
    scaling = Run(Path(run)).record.store.scaling
    assert cli("export", run, "--format", "bundle", "--out", "one.leo").status == 0
    with zipfile.ZipFile("one.leo") as archive:
        contents = {name: archive.read(name).decode("latin-1") for name in archive.namelist()}
    for content in contents.values():
        assert str(tmp_path) not in content
    assert "functions: damped.csv" in contents["experiment.yaml"]
    assert json.loads(contents["manifest.json"])["store"]["scaling"] == scaling
    card = " ".join(contents["README.md"].split())
    assert f"y to (y - {scaling['y_middle']!r}) / {scaling['y_unit']!r}" in card
    assert "median" in card and "no limit is known" in card and "prior" not in card
    assert repr(scaling["x_unit"]) in contents["weights.safetensors"]
    cli("runs", "delete", run)
    text = " ".join(cli("import", "bundle", "one.leo").err.split())
    assert "It was trained on the file of functions damped.csv. If it is not in the current" in text
    cli("runs", "delete", Path(run).name)
    imported = cli("import", "bundle", "one.leo", "--json").json["run"]
    assert cli("evaluate", imported, "--episodes", "8").status == 0  # it lies in this folder
    file.rename("elsewhere.csv")
    failed = cli("evaluate", imported, "--episodes", "8")
    assert failed.status == 2 and "say where it is: --store FILE" in failed.err
    given = cli("evaluate", imported, "--episodes", "8", "--store", "elsewhere.csv")
    assert given.status == 0
    assert Run(Path(imported)).record.store.path == str(Path("elsewhere.csv").resolve())


def in_splits(file: Path, splits: dict[str, str]) -> None:
    """Give the file a column of splits; tasks that are not named are of train."""
    lines = ["task,x,y,split"]
    for line in file.read_text().splitlines()[1:]:
        task, x, y, _ = line.split(",")
        lines.append(",".join((task, x, y, splits.get(task, "train"))))
    file.write_text("\n".join(lines))


def test_a_file_without_test_tasks_has_a_report_of_its_validation_tasks(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    in_splits(file, {f"station {number}": "val" for number in range(9)})
    run = trained(cli, "sine-line-5shot-maml")
    for more in ((), ("--split", "val")):
        page = tmp_path / "report.html"
        words = ("report", run, "--out", str(page), "--episodes", "8", "--replace")
        assert cli(*words, *more).status == 0
        source = page.read_text(encoding="utf-8")
        assert "Of the first 8 tasks of split val" in source and "Most uncertain 3" in source
        assert "leo-studio evaluate" in source and "leo-studio inspect" not in source
    failed = cli("report", run, "--out", "other.html", "--split", "test")
    assert failed.status == 2 and 'has no split "test"; it has train, val' in failed.err


def test_one_function_of_each_split_has_no_interval_and_its_bundle_comes_back(
    cli: Cli, file: Path, tmp_path: Path
) -> None:
    in_splits(file, {"station 0": "val", "station 1": "test"})
    run = trained(cli, "sine-line-5shot-maml")
    assert "confidence interval" not in cli("evaluate", run, "--episodes", "8").out
    page = tmp_path / "report.html"
    assert cli("report", run, "--out", str(page)).status == 0
    source = page.read_text(encoding="utf-8")
    assert "± nan" not in source and "± –" not in source and "± gives" not in source
    assert cli("export", run, "--format", "bundle", "--out", "one.leo").status == 0
    cli("runs", "delete", run)
    imported = cli("import", "bundle", "one.leo", "--json")
    assert imported.status == 0 and imported.json["best"]["ci95"] is None


def test_event_files_call_the_file_by_its_name(cli: Cli, file: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    trained(cli, "sine-line-5shot-maml", "--tensorboard", "events")
    written = b"".join(each.read_bytes() for each in Path("events").rglob("*") if each.is_file())
    assert b"damped.csv" in written and str(tmp_path).encode() not in written
