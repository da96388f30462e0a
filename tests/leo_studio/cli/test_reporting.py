import shlex
from pathlib import Path

from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.report.reproducing import preset_of, train_command
from tests.command_line import Cli, cli, small
from tests.leo_studio.cli.test_learners import of_kind
from tests.leo_studio.report.page import Page

__all__ = ["cli"]


def test_a_report_of_two_runs_is_written_and_says_their_results(
    cli: Cli, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    # Without codes, so that the page has few figures.
    words = of_kind(toy_store, "protonet", "--json")
    first = Path(cli(*words).json["run"]).name
    second = Path(cli(*words, "--seed", "1").json["run"]).name
    out = tmp_path / "report.html"
    words = ["--episodes", "3", "--out", str(out)]
    outcome = cli("report", first, second, *words)
    assert outcome.status == 0
    assert f"{first}  " in outcome.out and f"{out}  " in outcome.out
    assert "test, 3 episodes, step" in outcome.out
    page = Page(out)
    assert page.mistakes == [] and first in page.words and second in page.words
    before = out.read_bytes()
    outcome = cli("report", first, *words, "--checkpoint", "7", "--replace")
    assert outcome.status == 2 and 'no checkpoint "7"' in outcome.err
    assert outcome.err.count("\n") == 1 and out.read_bytes() == before


def test_bad_input_to_report_is_one_sentence(cli: Cli, tmp_path: Path) -> None:
    for words, said in (
        (["no-such-run", "--out", "report.html"], "There is no run"),
        (["no-such-run", "--out", "report.pdf"], ".html"),
        (["no-such-run", "--out", str(tmp_path / "gone" / "report.html")], "make it"),
    ):
        outcome = cli("report", *words)
        assert outcome.status == 2 and said in outcome.err and outcome.err.count("\n") == 1


def test_a_missing_store_is_told_and_the_report_still_written(
    cli: Cli, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    made = cli(*small(toy_store), "--json").json["run"]
    run = Run(Path(made))
    run.update(store=run.record.store.model_copy(update={"path": str(tmp_path / "gone.h5")}))
    yaml = run.path / "experiment.yaml"
    text = yaml.read_text(encoding="utf-8").replace(str(toy_store.path), "absent")
    yaml.write_text(text, encoding="utf-8")
    out = tmp_path / "report.html"
    outcome = cli("report", run.name, "--out", str(out), "--episodes", "20")
    assert outcome.status == 0 and out.is_file()
    assert 'No store named "absent"' in outcome.err and "Left out" in outcome.err


def test_the_command_that_a_page_gives_trains_the_same_experiment(
    cli: Cli, library_home: Path, toy_store: EmbeddingStore
) -> None:
    made = cli(*small(toy_store, "--seed", "3", "--name", "mine", "--json")).json["run"]
    run = Run(Path(made))
    preset = preset_of(Library(library_home), run)
    assert preset is not None and preset.is_named and preset.name == "glyphs-5way-1shot"
    command, needs_yaml = train_command(run, preset)
    assert not needs_yaml and str(toy_store.path) not in command
    program, *words = shlex.split(command)
    assert program == "leo-studio"
    words = [str(toy_store.path) if word == "toy.h5" else word for word in words]
    again = Run(Path(cli(*words, "--json").json["run"]))
    assert again.experiment == run.experiment
