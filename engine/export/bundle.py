"""A checkpoint bundle: one file with a trained model and the evidence of how well it does.

`NAME.leo` is a zip archive of plain files:

```
manifest.json          what it is: run, checkpoint, store, evaluations, and every file's SHA-256
weights.safetensors    see `engine.export.weights`; none where nothing is learned
experiment.yaml        all settings
features.safetensors   what is done to embeddings, where it is fitted; see `engine.data.features`
train.csv              one row per outer step, where there were any
validation.csv         one row per validation
evaluations/*.json     evaluations of these weights, with the accuracy of every episode
README.md              the model card, for people
```

Nothing in it is ever executed. Names of computers, folders and people are left out, and so are the
run's notes. The same run gives the same bytes.
"""

import hashlib
import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.data.features import FILE as FEATURES
from engine.evaluation.record import FOLDER
from engine.export.card import model_card
from engine.export.trained import Trained
from engine.export.weights import safetensors_bytes
from engine.inspection.curvature_record import CurvatureRecord, kept_curvatures
from engine.inspection.uncertainty_record import UncertaintyRecord, kept_uncertainties
from engine.io.files import replacing

FORMAT, SCHEMA = "leo-studio-bundle", 1
MANIFEST, WEIGHTS, EXPERIMENT, CARD = (
    "manifest.json",
    "weights.safetensors",
    "experiment.yaml",
    "README.md",
)
METRICS = ("train.csv", "validation.csv")
# The first moment that a zip archive can name, since when something was packed says nothing.
_TIME = (1980, 1, 1, 0, 0, 0)


def save_bundle(path: Path, trained: Trained) -> None:
    """Write a bundle; the file is whole or absent.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    contents = bundle_contents(trained)
    with replacing(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            member = zipfile.ZipInfo(name, _TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)


def bundle_contents(trained: Trained) -> dict[str, bytes]:
    """Return a bundle's files by name, the manifest first."""
    contents = {
        CARD: model_card(trained).encode(),
        **({WEIGHTS: safetensors_bytes(trained)} if trained.tensors else {}),
        EXPERIMENT: _portable_experiment(trained).encode(),
    }
    if trained.features.tensors():
        contents[FEATURES] = (trained.run.path / FEATURES).read_bytes()
    for name in METRICS:
        file = trained.run.path / name
        if file.is_file():
            # A row that is being written is no row yet.
            contents[name] = file.read_bytes().rpartition(b"\n")[0] + b"\n"
    for evaluation in trained.evaluations:
        contents[f"{FOLDER}/{evaluation.file_name}.json"] = evaluation.to_json().encode()
    for on_functions in trained.regression_evaluations:
        contents[f"{FOLDER}/{on_functions.file_name}"] = on_functions.to_json().encode()
    folder = trained.run.path
    measured: tuple[UncertaintyRecord | CurvatureRecord, ...] = (
        *kept_uncertainties(folder).records,
        *kept_curvatures(folder).records,
    )
    for record in measured:
        if record.checkpoint_step == trained.checkpoint.step:
            contents[f"{FOLDER}/{record.file_name}"] = record.to_json().encode()
    manifest = json.dumps(_manifest(trained, contents), indent=1, ensure_ascii=False) + "\n"
    return {MANIFEST: manifest.encode(), **contents}


def _manifest(trained: Trained, contents: dict[str, bytes]) -> dict[str, Any]:
    record, checkpoint = trained.run.record, trained.checkpoint
    return {
        "format": FORMAT,
        "schema": SCHEMA,
        "run": {
            "id": record.id,
            "name": trained.run.name,
            "preset": record.preset,
            "created": record.created,
            "step": record.step,
            "steps": record.steps,
            "seconds": record.seconds,
            "device": record.device,
            "versions": record.versions,
        },
        "checkpoint": {"step": checkpoint.step, "metrics": _known(checkpoint.metrics)},
        "store": trained.store.model_dump(exclude={"path"}),
        "evaluations": [
            *(evaluation.summary() for evaluation in trained.evaluations),
            *(evaluation.summary() for evaluation in trained.regression_evaluations),
        ],
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in contents.items()
        },
    }


def _known(metrics: Mapping[str, float]) -> dict[str, float]:
    """Leave out what is no finite number, such as the interval of a single function."""
    return {name: number for name, number in metrics.items() if math.isfinite(number)}


def _portable_experiment(trained: Trained) -> str:
    """Return the settings as YAML; a store, or file, given by its path is called by its name."""
    experiment = trained.experiment
    if not experiment.task.needs_store:
        return experiment.with_source(trained.store.name).to_yaml()
    store = experiment.data.store
    if Path(store).name != store or store.endswith((".h5", ".hdf5")):
        experiment = experiment.with_source(trained.store.name or Path(store).stem)
    return experiment.to_yaml()
