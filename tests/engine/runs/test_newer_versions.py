"""Files of a later version: the version is looked at before anything else, and every reader says
which file, which version, and what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from engine.config import Experiment, load_experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.record import read_evaluation
from engine.export.bundle import MANIFEST
from engine.export.bundle_reading import read_bundle
from engine.io.versions import NewerVersion, require_known_version
from engine.runs.annotations import Annotations, read_annotations, write_annotations
from engine.runs.checkpoints import list_checkpoints
from engine.runs.library import Library
from engine.runs.record import StoreRecord, read_record
from engine.runs.run import Run
from leo_studio.services.preferences import load_preferences

LATER = {"schema": 99, "status": "archived", "unknown": {"x": 1}}


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("run.json", lambda path: read_record(path.parent)),
        ("experiment.yaml", load_experiment),
        ("test-step-000000020-10.json", read_evaluation),
        ("step-000000020.json", lambda path: list_checkpoints(path.parent)),
        ("notes.json", lambda path: write_annotations(path.parent, Annotations("mine"))),
    ],
)
def test_the_version_comes_first(tmp_path: Path, name: str, read: Callable[[Path], object]) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(LATER))
    with pytest.raises(NewerVersion) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "has schema 99; this version of LEO Studio reads up to" in str(caught.value)
    assert str(caught.value).endswith("update LEO Studio.")
    assert json.loads(path.read_text()) == LATER


def test_a_store_of_a_later_version_says_so_whatever_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "later.h5"
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = 99
    with pytest.raises(NewerVersion, match=rf"{path} has schema 99; .*: update LEO Studio"):
        EmbeddingStore(path)


def test_a_bundle_of_a_later_version_says_so_whatever_files_it_holds(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "later.leo"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("novelty.bin", b"new")
        archive.writestr(MANIFEST, json.dumps({"schema": 99}))
    with pytest.raises(NewerVersion, match=rf"{path} has schema 99; .*: update LEO Studio"):
        read_bundle(path)


def test_preferences_of_a_later_version_are_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "preferences.yaml"
    path.write_text("schema: 99\ntheme: sepia\n")
    loaded = load_preferences(path)
    assert f"{path} has schema 99" in loaded.warning and "update LEO Studio" in loaded.warning
    assert (tmp_path / "preferences.newer.yaml").read_text() == "schema: 99\ntheme: sepia\n"


@pytest.mark.parametrize("values", [None, [], "schema", {}, {"schema": None}, {"schema": 2}])
def test_what_says_no_later_version_is_left_to_other_rules(values: Any) -> None:
    require_known_version(values, "x", 2)


def test_notes_of_a_later_version_are_read_as_far_as_they_are_known(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text(json.dumps({"schema": 99, "note": "mine"}))
    assert read_annotations(tmp_path).note == "mine"


def test_an_unknown_setting_names_its_file_in_full(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    run = Run.create(tmp_path, toy_experiment, StoreRecord())
    file = run.path / "experiment.yaml"
    file.write_text(file.read_text().replace("run: {", "run: {mixed_precision: bf16, "))
    with pytest.raises(BadInput, match=rf"^{file}: run\.mixed_precision is not a setting"):
        Run(run.path)


@pytest.mark.parametrize("damage", ["schema", "status", "cut", "empty"])
def test_a_run_that_cannot_be_read_can_be_thrown_away_unless_it_trains(
    tmp_path: Path, toy_experiment: Experiment, damage: str
) -> None:
    library = Library(tmp_path)
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    file = run.path / "run.json"
    record = json.loads(file.read_text()) | {"schema": 3, "status": "archived"}
    content = {"cut": file.read_text()[:40], "empty": ""}.get(damage, json.dumps(record))
    with run.owned():
        file.write_text(content)
        with pytest.raises(BadInput, match="is being trained by another process"):
            library.throw_away(run.path)
    with pytest.raises(BadInput):
        Run(run.path)
    assert library.throw_away(library.run_folder(run.name[:-2])).is_dir()
    assert not run.path.exists()


def test_a_living_run_of_a_later_version_on_another_machine_is_protected(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    library = Library(tmp_path)
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    run.update(status="running", host="another")
    file = run.path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": 3, "best": "new"}))
    with pytest.raises(BadInput, match="may still be trained on another"):
        library.throw_away(run.path, waits=False)
