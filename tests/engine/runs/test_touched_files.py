"""Files of a run that people opened with an editor or a spreadsheet, and saved."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config import Experiment, load_experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import keep_evaluation
from engine.evaluation.record import kept_evaluations
from engine.io.text import read_text
from engine.runs.annotations import Annotations, read_annotations, write_annotations
from engine.runs.library import Library
from engine.runs.preparation import resumed_run
from engine.runs.run import Run
from engine.training import train
from tests.conftest import TrainedCopy
from tests.evaluations import kept

TEXTS = ("train.csv", "validation.csv", "run.json", "experiment.yaml", "notes.json")


def with_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def in_utf_16(content: bytes) -> bytes:
    return content.decode().encode("utf-16")


def with_dos_ends(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


def by_a_spreadsheet(content: bytes) -> bytes:
    return with_mark(with_dos_ends(content))


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, trained_copy: TrainedCopy) -> Run:
    made = trained_copy(tmp_path / "runs", toy_experiment)
    write_annotations(made.path, Annotations("grün", ("a",)))
    return made


def files_of(run: Run) -> dict[str, bytes]:
    parts = {path.name: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    parts.pop("run.lock", None)
    return parts


@pytest.mark.parametrize("save", [with_mark, in_utf_16, with_dos_ends, by_a_spreadsheet])
def test_a_run_whose_files_an_editor_saved_goes_on_to_the_same_bits(
    run: Run,
    tmp_path: Path,
    toy_store: EmbeddingStore,
    trained_copy: TrainedCopy,
    save: Callable[[bytes], bytes],
) -> None:
    untouched = trained_copy(tmp_path / "others", run.experiment)
    for name in TEXTS:
        file = run.path / name
        file.write_bytes(save(file.read_bytes()))
    touched = Run(run.path)
    assert touched.validation.read() == untouched.validation.read()
    assert read_annotations(run.path).note == "grün"
    library = Library(tmp_path)
    for each in (touched, untouched):
        ready = resumed_run(library, Run(each.path), steps=50)
        list(train(ready.run.experiment, ready.store, ready.run))
    assert touched.validation.read() == untouched.validation.read()
    weights = [Run(each.path).checkpoint("50").weights_path for each in (touched, untouched)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert not (run.path / "train.csv").read_bytes().startswith((b"\xef", b"\xff", b"\xfe"))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text.replace(",", ";"), 'begins with "step;'),
        (lambda text: text.replace("step,", "Schritt,"), 'begins with "Schritt,'),
        (lambda text: text.replace(",", "\x85", 1), r'begins with "step\x85'),
        (lambda text: text.replace("\n15,", "\n15,x"), "in line"),
        (lambda text: text + "60,1\n", "in line"),
        (lambda text: text + "60" + ",1" * 99 + "\n", "in line"),
        (lambda text: text + "grün\n", "in line"),
        (lambda text: text.replace("\n30,", "\n15,"), "has step 15 after step"),
        (lambda text: text.replace("\n30,", "\n30.5,"), "has step 30.5 after step"),
    ],
)
@pytest.mark.parametrize("name", ["train.csv", "validation.csv"])
def test_a_damaged_table_is_one_sentence_before_anything_changes(
    run: Run,
    tmp_path: Path,
    toy_store: EmbeddingStore,
    name: str,
    damage: Callable[[str], str],
    words: str,
) -> None:
    file = run.path / name
    file.write_text(damage(file.read_text()))
    before = files_of(run)
    again = Run(run.path)
    with pytest.raises(BadInput) as caught:
        resumed_run(Library(tmp_path), again, steps=60)
    assert str(caught.value).startswith(str(file)) and words in str(caught.value)
    assert files_of(run) == before and Run(run.path).status == "finished"


@pytest.mark.parametrize("name", ["log.txt", "train.csv", "checkpoints/step-000000015.json"])
def test_a_folder_where_a_file_belongs_is_named_before_anything_changes(
    run: Run, tmp_path: Path, name: str
) -> None:
    (run.path / name).unlink()
    (run.path / name).mkdir()
    before = files_of(run)
    with pytest.raises(BadInput, match=r"is a folder where a file belongs; move it away\."):
        resumed_run(Library(tmp_path), Run(run.path), steps=60)
    assert files_of(run) == before and Run(run.path).status == "finished"


def test_the_settings_say_how_long_a_run_is_and_the_record_follows(
    run: Run, tmp_path: Path
) -> None:
    run.update(status="stopped", steps=7_000)
    ready = resumed_run(Library(tmp_path), Run(run.path), steps=45)
    ready.run.amend(steps=7_000)
    list(train(ready.run.experiment, ready.store, ready.run))
    assert (Run(run.path).record.step, Run(run.path).record.steps) == (45, 45)


def test_what_is_wrong_before_training_began_is_no_failure_of_an_old_run(
    run: Run, toy_store: EmbeddingStore
) -> None:
    file = run.path / "validation.csv"
    file.write_text(file.read_text().replace(",", ";"))
    before = files_of(run)
    with pytest.raises(BadInput, match="with commas"):
        list(train(run.experiment, toy_store, Run(run.path)))
    assert files_of(run) == before


def test_a_line_of_the_table_is_named(run: Run) -> None:
    file = run.path / "train.csv"
    lines = file.read_text().splitlines(keepends=True)
    lines[31] = "31,many\n"
    file.write_text("".join(lines))
    with pytest.raises(BadInput, match=r"train\.csv is not \d+ numbers.* in line 32; restore it"):
        run.training.arrays()
    with pytest.raises(BadInput, match=r"in line 32; restore it"):
        run.training.read()


def test_evaluations_and_presets_are_read_with_a_mark(
    run: Run, tmp_path: Path, toy_experiment: Experiment
) -> None:
    file = keep_evaluation(run, kept()).path
    assert file is not None
    file.write_bytes(by_a_spreadsheet(file.read_bytes()))
    assert len(kept_evaluations(run.path).evaluations) == 1
    preset = Library(tmp_path).save_preset("mine", toy_experiment)
    preset.write_bytes(in_utf_16(preset.read_bytes()))
    assert load_experiment(preset).task == toy_experiment.task
    assert Library(tmp_path).experiment("mine").task == toy_experiment.task


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_text_with_a_mark_is_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "text").write_bytes(content)
    assert read_text(tmp_path / "text") == ""
