"""What leaves the studio of each kind of learner, and what does not."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.export.bundle import bundle_contents, save_bundle
from engine.export.bundle_reading import import_bundle
from engine.export.card import model_card
from engine.export.episodes import save_episodes
from engine.export.formats import FORMATS, formats_of
from engine.export.trained import Trained, trained
from engine.export.writing import export
from engine.runs.library import Library
from engine.runs.run import Run
from tests.learner_kinds import ON_EMBEDDINGS


@pytest.fixture(params=ON_EMBEDDINGS)
def run(request: pytest.FixtureRequest, toy_runs: dict[str, Run]) -> Run:
    return toy_runs[request.param]


def test_files_of_leo_say_what_they_said_in_version_0_1(toy: Trained) -> None:
    """Names, values and their order: a file's bytes depend on all three."""
    assert list(toy.facts().items())[3:-2] == [
        ("step", str(toy.checkpoint.step)),
        ("variant", "full"),
        ("n_way", "4"),
        ("k_shot", "2"),
        ("inner_steps", "2"),
        ("finetuning_steps", "2"),
        ("latent_size", "5"),
        ("embedding_dim", "16"),
        ("normalizes_embeddings", "true"),
    ]
    rows = "| variant | full |\n| latent size | 5 |\n| inner steps, fine-tuning steps | 2, 2 |\n"
    assert rows in model_card(toy)


@pytest.mark.parametrize(
    ("variant", "steps"),
    [
        ("full", ("2", "2")),
        ("random_prior", ("2", "2")),
        ("no_finetuning", ("2", "0")),
        ("conditional_generator", ("0", "0")),
        ("conditional_generator_finetuning", ("0", "2")),
    ],
)
def test_steps_that_a_variant_leaves_out_are_0_in_facts_and_card(
    toy_run: Run, variant: str, steps: tuple[str, str]
) -> None:
    run = Run(toy_run.path)
    run.experiment = run.experiment.with_settings({"learner.variant": variant})
    subject = trained(run)
    facts = subject.facts()
    assert (facts["inner_steps"], facts["finetuning_steps"]) == steps
    assert f"| inner steps, fine-tuning steps | {', '.join(steps)} |" in model_card(subject)


def test_files_of_other_learners_name_them(toy_runs: dict[str, Run]) -> None:
    facts = {kind: trained(run).facts() for kind, run in toy_runs.items()}
    assert facts["protonet"]["learner"] == "protonet"
    assert facts["protonet"]["projected_size"] == "64"
    assert facts["matching"]["projected_size"] == "64" and facts["matching"]["scale"] == "20.0"
    assert facts["ridge"]["learner"] == "ridge" and facts["ridge"]["penalty"] == "1.0"
    assert "variant" not in facts["protonet"] and "latent_size" not in facts["ridge"]


def test_a_model_card_speaks_of_training_where_there_was_some(run: Run) -> None:
    card = model_card(trained(run))
    words = ("trained for 4-way", "## Training", "| outer steps |", "| seed |", "`train.csv`")
    is_trained = run.experiment.learner.is_trained
    assert [each in card for each in words] == [is_trained] * len(words)
    assert ("it needs no training and has no weights" in card) is not is_trained
    assert ("--format onnx" in card) is ON_EMBEDDINGS[run.experiment.learner.kind].has_programs
    assert "latent-embedding" in card if run.experiment.learner.kind == "leo" else "LEO" not in card


def test_a_format_that_a_learner_has_not_is_refused_with_those_that_it_has(
    run: Run, tmp_path: Path
) -> None:
    possible = formats_of(run.experiment)
    assert {"bundle", "episodes", "tensorboard"} <= set(possible)
    for name in FORMATS.keys() - possible:
        out = tmp_path / f"m{''.join(FORMATS[name].endings[:1])}"
        with pytest.raises(
            BadInput, match=r"it has no (weights|programs); export it as bundle, "
        ) as told:
            export(trained(run), name, out, lambda *_: None)
        assert run.name in str(told.value) and not out.exists()


def test_which_formats_each_learner_has(toy_runs: dict[str, Run]) -> None:
    had = {kind: list(formats_of(run.experiment)) for kind, run in toy_runs.items()}
    assert had["leo"] == list(FORMATS)
    assert had["protonet"] == ["bundle", "safetensors", "pytorch", "episodes", "tensorboard"]
    assert had["matching"] == had["protonet"]
    assert had["ridge"] == ["bundle", "episodes", "tensorboard"]


def test_exported_weights_are_those_of_the_checkpoint(run: Run, tmp_path: Path) -> None:
    if not run.experiment.learner.is_trained:
        assert trained(run).tensors == {}
        return
    wanted = run.checkpoint().weights()
    export(trained(run), "safetensors", tmp_path / "m.safetensors", lambda *_: None)
    export(trained(run), "pytorch", tmp_path / "m.pt", lambda *_: None)
    found = safetensors.torch.load_file(tmp_path / "m.safetensors")
    same = torch.load(tmp_path / "m.pt", weights_only=True)["weights"]
    assert wanted and found.keys() == same.keys() == wanted.keys()
    for name, tensor in wanted.items():
        assert found[name].equal(tensor) and same[name].equal(tensor)


def test_a_bundle_goes_round_and_gives_the_same_accuracies(
    run: Run, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    bundle = tmp_path / "m.leo"
    save_bundle(bundle, trained(run))
    imported = import_bundle(Library(tmp_path / "library"), bundle)
    assert imported.status == "finished" and imported.record.best == run.record.best
    assert imported.record.steps == run.record.steps and imported.experiment.to_yaml()
    assert imported.training.read() == run.training.read()
    assert imported.validation.read() == run.validation.read()
    arrays = []
    for place, each in enumerate((run, imported)):
        path = tmp_path / f"{place}.npz"
        save_episodes(path, trained(each), toy_store, "test", 20, lambda _: None)
        arrays.append(np.load(path)["accuracies"])
    np.testing.assert_array_equal(*arrays)
    save_bundle(tmp_path / "again.leo", trained(imported))
    mine, other = (zipfile.ZipFile(path) for path in (bundle, tmp_path / "again.leo"))
    with mine, other:
        assert sorted(mine.namelist()) == sorted(other.namelist())
        for name in {"weights.safetensors", "experiment.yaml"} & set(mine.namelist()):
            assert mine.read(name) == other.read(name)


def test_a_bundle_has_weights_where_something_is_learned(run: Run) -> None:
    has_weights = "weights.safetensors" in bundle_contents(trained(run))
    assert has_weights is run.experiment.learner.is_trained


def repacked(path: Path, contents: dict[str, bytes]) -> Path:
    """Pack a bundle whose manifest is honest about what is in it."""
    manifest = json.loads(contents["manifest.json"])
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in contents.items()
        if name != "manifest.json"
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (contents | {"manifest.json": json.dumps(manifest).encode()}).items():
            archive.writestr(name, content)
    return path


def test_weights_of_another_learner_are_refused(
    toy_runs: dict[str, Run], toy: Trained, tmp_path: Path
) -> None:
    """Also those of a learner that learns none: nobody would know what they are."""
    of_leo = bundle_contents(toy)["weights.safetensors"]
    for kind in ("protonet", "ridge"):
        contents = bundle_contents(trained(toy_runs[kind])) | {"weights.safetensors": of_leo}
        with pytest.raises(BadInput, match="not fit its settings"):
            import_bundle(Library(tmp_path), repacked(tmp_path / f"{kind}.leo", contents))


@pytest.mark.parametrize("kind", [kind for kind, each in ON_EMBEDDINGS.items() if each.columns])
def test_sizes_that_no_machine_has_are_refused(
    kind: str, toy_runs: dict[str, Run], tmp_path: Path
) -> None:
    """Before anything of that size is made."""
    contents = bundle_contents(trained(toy_runs[kind]))
    manifest = json.loads(contents["manifest.json"])
    manifest["store"]["embedding_dim"] = 10**13
    bundle = repacked(
        tmp_path / "m.leo", contents | {"manifest.json": json.dumps(manifest).encode()}
    )
    with pytest.raises(BadInput, match="not fit its settings"):
        import_bundle(Library(tmp_path), bundle)


def test_event_files_hold_a_learners_own_columns(run: Run, tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    export(trained(run), "tensorboard", tmp_path, lambda *_: None)
    (folder,) = tmp_path.iterdir()
    found = accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0})
    found.Reload()
    tags = {tag for tag in found.Tags()["scalars"] if not tag.startswith("validation/")}
    own = {column.tag for column in run.columns}
    assert tags == (own | {"speed/steps_per_second"} if own else set())
    (_, last) = found.Scalars("validation/accuracy")[0], found.Scalars("validation/accuracy")[-1]
    assert last.step == run.record.step
