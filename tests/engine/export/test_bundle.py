"""Bundles come back whole, and what was tampered with does not come in."""

import hashlib
import json
import math
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import compared_with, keep_evaluation
from engine.export import bundle_reading
from engine.export.bundle import bundle_contents, save_bundle
from engine.export.bundle_reading import import_bundle, read_bundle
from engine.export.trained import Trained, trained
from engine.inspection.curvature import keep_curvature, measured_curvature
from engine.inspection.curvature_record import kept_curvatures
from engine.inspection.uncertainty import keep_uncertainty
from engine.inspection.uncertainty_record import UncertaintyRecord, kept_uncertainties
from engine.io.generators import finished
from engine.runs.library import Library
from engine.runs.run import Run


@pytest.fixture
def bundle(toy: Trained, tmp_path: Path) -> Path:
    path = tmp_path / "toy.leo"
    save_bundle(path, toy)
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def with_honest_checksums(contents: dict[str, bytes]) -> dict[str, bytes]:
    manifest = json.loads(contents["manifest.json"])
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in contents.items()
        if name != "manifest.json"
    }
    return contents | {"manifest.json": json.dumps(manifest).encode()}


def test_an_imported_bundle_is_a_run_with_the_same_weights_metrics_and_evaluations(
    toy: Trained, bundle: Path, tmp_path: Path
) -> None:
    library = Library(tmp_path / "library")
    run = import_bundle(library, bundle)
    assert run.path.parent == library.runs and run.name == toy.run.name
    again = trained(run)
    assert again.checkpoint.step == toy.checkpoint.step
    for mine, theirs in zip(toy.weights, again.weights, strict=True):
        assert mine.equal(theirs)
    assert run.training.read() == toy.run.training.read()
    assert run.validation.read() == toy.run.validation.read()
    assert [kept.to_dict() for kept in again.evaluations] == [
        kept.to_dict() for kept in toy.evaluations
    ]
    assert run.record.best is not None and run.status == "finished"


def test_the_same_run_gives_the_same_bytes_and_goes_round_unchanged(
    toy: Trained, bundle: Path, tmp_path: Path
) -> None:
    save_bundle(tmp_path / "again.leo", toy)
    assert (tmp_path / "again.leo").read_bytes() == bundle.read_bytes()
    run = import_bundle(Library(tmp_path / "library"), bundle)
    save_bundle(tmp_path / "round.leo", trained(run))
    before, after = members(bundle), members(tmp_path / "round.leo")
    assert after["weights.safetensors"] == before["weights.safetensors"]
    assert {name for name in after} == {name for name in before}


def test_a_bundle_of_schema_1_is_imported_with_the_same_settings(
    bundle: Path, toy: Trained, tmp_path: Path
) -> None:
    contents = members(bundle)
    text = contents["experiment.yaml"].decode()
    old = text.replace("schema: 2", "schema: 1").replace("learner: {kind: leo, ", "leo: {")
    assert "learner" not in old and "kind: leo" not in old
    contents |= {"experiment.yaml": old.encode()}
    run = import_bundle(Library(tmp_path), packed(bundle, with_honest_checksums(contents)))
    assert run.experiment.learner == toy.experiment.learner
    assert "schema: 2" in (run.path / "experiment.yaml").read_text()


def test_an_imported_run_cannot_be_trained_on(bundle: Path, tmp_path: Path) -> None:
    run = import_bundle(Library(tmp_path / "library"), bundle)
    with pytest.raises(BadInput, match="lack Adam's moments"):
        run.kept.newest_resumable()


def test_a_bundle_is_imported_once_and_beside_another_run_of_its_name(
    toy: Trained, bundle: Path, tmp_path: Path
) -> None:
    library = Library(tmp_path / "library")
    (library.runs / toy.run.name).mkdir(parents=True)
    run = import_bundle(library, bundle)
    assert run.name.startswith(f"{toy.run.name}-") and run.record.name == run.name
    with pytest.raises(BadInput, match=f"in the library already, as {run.name}"):
        import_bundle(library, bundle)
    assert not list(library.runs.glob(".import-*"))


def test_a_bundle_holds_a_model_card_with_the_accuracies(bundle: Path, toy: Trained) -> None:
    card = members(bundle)["README.md"].decode()
    evaluation = toy.evaluations[0]
    assert f"{100 * evaluation.accuracy:.2f} ± {100 * evaluation.ci95:.2f} %" in card
    assert "4-way 2-shot" in card


@pytest.fixture
def copy(toy: Trained, tmp_path: Path) -> Run:
    """The run once more, to be changed by a test."""
    return Run(shutil.copytree(toy.run.path, tmp_path / "copies" / toy.run.name))


def test_a_row_that_is_being_written_is_in_no_bundle(toy: Trained, copy: Run) -> None:
    with copy.training.path.open("a") as file:
        file.write("31,0.12")
    whole = bundle_contents(toy)["train.csv"]
    assert whole.endswith(b"\n")
    assert bundle_contents(trained(copy))["train.csv"] == whole


def test_what_uncertainty_tells_of_these_weights_comes_along(copy: Run, tmp_path: Path) -> None:
    step = trained(copy).checkpoint.step
    record = UncertaintyRecord(
        split="test",
        episodes=20,
        samples=5,
        error=0.1,
        temperature=0.8,
        loss=0.4,
        scaled_loss=0.3,
        sampled_loss=0.4,
        measures=(),
        run=copy.name,
        checkpoint_step=step,
    )
    keep_uncertainty(copy, record)
    keep_uncertainty(copy, record.model_copy(update={"checkpoint_step": step - 1}))
    save_bundle(tmp_path / "one.leo", trained(copy))
    run = import_bundle(Library(tmp_path / "library"), tmp_path / "one.leo")
    assert kept_uncertainties(run.path) == ((record,), ())


def test_curvature_of_these_weights_goes_round(
    copy: Run, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    step = copy.checkpoint().step
    record = finished(measured_curvature(copy, step, toy_store, "test", 3))
    keep_curvature(copy, record)
    keep_curvature(copy, record.model_copy(update={"checkpoint_step": step - 1}))
    save_bundle(tmp_path / "one.leo", trained(copy))
    run = import_bundle(Library(tmp_path / "library"), tmp_path / "one.leo")
    assert kept_curvatures(run.path) == ((record,), ())


def test_a_validation_without_an_interval_goes_round(copy: Run, tmp_path: Path) -> None:
    record = copy.checkpoint("best").weights_path.with_suffix(".json")
    values = json.loads(record.read_text())
    values["metrics"]["ci95"] = math.nan
    record.write_text(json.dumps(values))
    path = tmp_path / "one.leo"
    save_bundle(path, trained(copy))
    assert b"NaN" not in members(path)["manifest.json"]
    run = import_bundle(Library(tmp_path / "library"), path)
    best = run.record.best
    assert best is not None and best.value == values["metrics"]["accuracy"] and best.ci95 is None


def test_a_bundle_that_says_no_number_for_an_interval_is_read(bundle: Path, tmp_path: Path) -> None:
    contents = members(bundle)
    manifest = json.loads(contents["manifest.json"])
    manifest["checkpoint"]["metrics"]["ci95"] = math.nan
    manifest["evaluations"].append({"scores": {"risk_ratio": math.nan}})  # of one that went astray
    contents["manifest.json"] = json.dumps(manifest).encode()
    found = read_bundle(packed(tmp_path / "older.leo", contents)).manifest.checkpoint.metrics
    assert "ci95" not in found and "accuracy" in found


def test_evaluations_of_other_weights_stay_behind(toy: Trained, copy: Run) -> None:
    (kept,) = toy.evaluations
    keep_evaluation(copy, replace(kept, step=toy.checkpoint.step + 1, path=None))
    assert [each.file_name for each in trained(copy).evaluations] == [kept.file_name]


def test_of_a_run_that_was_compared_with_its_name_alone_is_told(toy: Trained, copy: Run) -> None:
    (kept,) = toy.evaluations
    keep_evaluation(copy, compared_with("/home/me/runs/x", kept, kept))
    opponent = trained(copy).evaluations[0].opponent
    assert opponent is not None and opponent.other == "x"


def test_a_bundle_that_would_unpack_to_too_much_is_refused(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(map(len, members(bundle).values()))
    monkeypatch.setattr(bundle_reading, "_LARGEST", size)
    read_bundle(bundle)
    monkeypatch.setattr(bundle_reading, "_LARGEST", size - 1)
    with pytest.raises(BadInput, match="would unpack to more"):
        read_bundle(bundle)


def _without_weights(contents: dict[str, bytes]) -> dict[str, bytes]:
    return {name: each for name, each in contents.items() if name != "weights.safetensors"}


def _newer(contents: dict[str, bytes]) -> dict[str, bytes]:
    manifest = json.loads(contents["manifest.json"]) | {"schema": 99}
    return contents | {"manifest.json": json.dumps(manifest).encode()}


def _renamed(contents: dict[str, bytes]) -> dict[str, bytes]:
    manifest = json.loads(contents["manifest.json"])
    manifest["run"]["name"] = "../../elsewhere"
    return contents | {"manifest.json": json.dumps(manifest).encode()}


def _not_finite(contents: dict[str, bytes]) -> dict[str, bytes]:
    weights = safetensors.numpy.load(contents["weights.safetensors"])
    weights["inner_lr"][0] = np.nan
    spoilt = safetensors.numpy.save(weights)
    return with_honest_checksums(contents | {"weights.safetensors": spoilt})


def _other_sizes(contents: dict[str, bytes]) -> dict[str, bytes]:
    text = contents["experiment.yaml"].replace(b"latent_size: 5", b"latent_size: 6")
    return with_honest_checksums(contents | {"experiment.yaml": text})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c | {"train.csv": c["train.csv"] + b"1\n"}, "train.csv is not as it was"),
        (lambda c: c | {"../evil.py": b"x"}, "which no bundle of LEO Studio does"),
        (lambda c: c | {"evaluations/../../x.json": b"{}"}, "which no bundle of LEO Studio does"),
        (lambda c: c | {"evaluations/new.json": b"{}"}, "does not hold what its manifest says"),
        (_without_weights, r"does not hold what its manifest says \(weights.safetensors\)"),
        (lambda c: with_honest_checksums(_without_weights(c)), "holds no weights.safetensors"),
        (_newer, "has schema 99; this version of LEO Studio reads up to 1: update LEO Studio"),
        (_renamed, "the run's name"),
        (_other_sizes, "not fit its settings"),
        (_not_finite, 'tensor "inner_lr" holds numbers that are not finite'),
        (lambda c: c | {"manifest.json": b"[" * 9999}, "is not valid JSON"),
        (lambda c: c | {"manifest.json": b"{}"}, "is no bundle of LEO Studio"),
        (
            lambda c: with_honest_checksums(c | {"weights.safetensors": b"\x80\x04K\x01."}),
            "is no file of weights",
        ),
        (
            lambda c: with_honest_checksums(c | {"train.csv": b"step,loss\n1,oops\n"}),
            "restore it from a copy|is not",
        ),
    ],
)
def test_what_was_tampered_with_is_refused_in_a_sentence(
    bundle: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    words: str,
) -> None:
    bad = packed(tmp_path / "bad.leo", change(members(bundle)))
    library = Library(tmp_path / "library")
    with pytest.raises(BadInput, match=words):
        import_bundle(library, bad)
    assert not library.runs.exists() or not list(library.runs.iterdir())


def test_a_name_that_stands_twice_is_refused(bundle: Path, tmp_path: Path) -> None:
    bad = packed(tmp_path / "bad.leo", members(bundle))
    with pytest.warns(UserWarning), zipfile.ZipFile(bad, "a") as archive:
        archive.writestr("experiment.yaml", "name: other")
    with pytest.raises(BadInput, match="which no bundle"):
        read_bundle(bad)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_cut_or_damaged_bundle_is_never_read_as_another(
    toy: Trained, bundle: Path, data: st.DataObject
) -> None:
    whole = bundle.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        damaged = whole[:place]
    else:
        flipped = whole[place] ^ data.draw(st.integers(1, 255))
        damaged = whole[:place] + bytes([flipped]) + whole[place + 1 :]
    other = bundle.with_name("damaged.leo")
    other.write_bytes(damaged)
    try:
        found = read_bundle(other)
    except BadInput:
        return
    # A byte that zip archives do not look at: what came out is still what went in.
    assert found.weights == members(bundle)["weights.safetensors"]
    assert found.manifest == read_bundle(bundle).manifest
