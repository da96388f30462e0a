"""Safe reading of bundles from unknown sources, and their import as runs.

Everything is read into memory, held to the manifest's checksums and sizes, and checked as what it
should be before the first byte is written; nothing is unpacked and nothing is executed.
"""

import hashlib
import json
import math
import re
import secrets
import socket
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import safetensors
import safetensors.torch
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from torch import Tensor

from engine.config import Experiment, checked_name, experiment_from_yaml
from engine.data.features import FILE as FEATURES
from engine.data.features import needed_tensors, read_features
from engine.data.importers.untrusted import (
    member_name,
    open_member,
    opened_zip,
    unreadable_as_bad_input,
)
from engine.errors import BadInput
from engine.export.bundle import CARD, EXPERIMENT, FORMAT, MANIFEST, METRICS, SCHEMA, WEIGHTS
from engine.io.drafts import new_draft, remove
from engine.io.files import reason_of, refused, write_text
from engine.io.listing import counted, shown
from engine.io.versions import require_known_version
from engine.learners.catalogue import learner_kind
from engine.learners.registry import learner_of
from engine.runs.checkpoints import write_weights
from engine.runs.folders import run_folders
from engine.runs.library import Library
from engine.runs.metrics import training_metrics, validation_metrics
from engine.runs.record import Record, StoreRecord, best_of, write_record
from engine.runs.run import Run
from engine.tasks.catalogue import task_kind

# A bundle of the largest model that the settings allow is far smaller.
_LARGEST = 4 << 30
_LARGEST_MANIFEST = 1 << 26
_EVALUATION = re.compile(r"evaluations/[A-Za-z0-9][A-Za-z0-9._+-]*\.json")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class _File(_Strict):
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class _Run(_Strict):
    id: str = Field(pattern="^[0-9a-f]{1,64}$")
    name: str
    preset: str
    created: str
    step: int = Field(ge=0)
    steps: int = Field(ge=0)  # 0 for a learner that needs no training
    seconds: float = Field(ge=0)
    device: str
    versions: dict[str, str]


class _Checkpoint(_Strict):
    step: int = Field(ge=0)
    metrics: dict[str, float]

    @field_validator("metrics", mode="before")
    @classmethod
    def _without_nothing(cls, values: Any) -> Any:
        """Leave out intervals that are none, which older bundles call not a number."""
        if not isinstance(values, dict):
            return values
        return {
            name: each
            for name, each in values.items()
            if not (isinstance(each, float) and math.isnan(each))
        }


class _Manifest(_Strict):
    format: Literal["leo-studio-bundle"]
    run: _Run
    checkpoint: _Checkpoint
    store: StoreRecord
    files: dict[str, _File]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read and found to be what it says."""

    path: Path
    manifest: _Manifest
    experiment: Experiment
    weights: bytes  # a safetensors file, with no tensors in it where nothing is learned
    files: dict[str, bytes]  # metrics, evaluations and the card


def read_bundle(path: Path) -> Bundle:
    """Read a bundle and check everything in it.

    Raises
    ------
    BadInput
        If it is no bundle, is damaged, was changed, or was made by a later version.
    """
    with opened_zip(path, "a bundle of LEO Studio") as archive:
        _require_known_manifest(archive, path)
        members = _members(archive, path)
        manifest = _manifest(_content(archive, members.get(MANIFEST), path), path)
        if set(members) != {MANIFEST, *manifest.files}:
            odd = sorted(set(members) ^ {MANIFEST, *manifest.files})[0]
            raise BadInput(
                f"{path.name} does not hold what its manifest says ({shown(odd)}); get it again."
            )
        files = {}
        for name, listed in manifest.files.items():
            content = _content(archive, members[name], path)
            if hashlib.sha256(content).hexdigest() != listed.sha256:
                raise BadInput(
                    f"{path.name}: {name} is not as it was when the bundle was made; get it again."
                )
            files[name] = content
    experiment = experiment_from_yaml(
        _text(files.pop(EXPERIMENT), path), f"{path.name}: experiment.yaml"
    )
    weights = files.pop(WEIGHTS, None)
    if weights is None:
        weights = safetensors.torch.save({})
    seen = _seen_size(files.get(FEATURES), experiment, manifest, path)
    _require_weights(weights, experiment, seen, path)
    for name in files:
        if name.endswith(".json"):
            _json(files[name], f"{path.name}: {name}")
    return Bundle(path, manifest, experiment, weights, files)


def import_bundle(library: Library, path: Path, runs: Path | None = None) -> Run:
    """Make a run of a bundle, with all but what training on needs.

    Parameters
    ----------
    library
        Whose runs it is put beside.
    path
        The bundle.
    runs
        Another folder for it.

    Raises
    ------
    BadInput
        See `read_bundle`; also if the run is there already.
    """
    bundle = read_bundle(path)
    folder = runs or library.runs
    for other in run_folders(folder):
        if _identity(other) == bundle.manifest.run.id:
            raise BadInput(
                f"{path.name} is in the library already, as {other.name}; use that run, or delete "
                f"it first to import this file: leo-studio runs delete {other.name}"
            )
    return _made(bundle, folder)


def _identity(folder: Path) -> str | None:
    """Return the identity of a run; None for what cannot be read as one."""
    try:
        return Run(folder).record.id
    except BadInput:
        return None


def _made(bundle: Bundle, folder: Path) -> Run:
    """Write the run beside its place and move it there in one move."""
    draft = new_draft(folder / bundle.manifest.run.name)
    try:
        (draft / "checkpoints").mkdir(parents=True)
        for name, content in bundle.files.items():
            target = draft / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        columns = learner_kind(bundle.experiment).columns
        scores = task_kind(bundle.experiment).scores
        for metrics in (training_metrics(draft, columns), validation_metrics(draft, scores)):
            metrics.arrays()  # says so where a row is no row
        step, measured = bundle.manifest.checkpoint.step, bundle.manifest.checkpoint.metrics
        write_weights(draft / "checkpoints", step, bundle.weights, measured)
        write_text(draft / "experiment.yaml", bundle.experiment.to_yaml())
        write_record(draft, _record(bundle))
        name = bundle.manifest.run.name
        while not _moved(draft, folder / name):
            name = f"{bundle.manifest.run.name}-{secrets.token_hex(2)}"
    except OSError as error:
        reason = reason_of(refused(error, folder) or 0, folder)
        raise BadInput(
            f"No run can be made in {folder} ({reason}); make room or choose another folder."
        ) from error
    finally:
        remove(draft)
    run = Run(folder / name)
    run.update(name=name)
    run.log(f"imported from {bundle.path.name}")
    return run


def _moved(draft: Path, target: Path) -> bool:
    """Move a folder to where nothing is; return whether nothing was there."""
    if target.exists():
        return False
    try:
        draft.rename(target)
    except OSError:
        if target.exists():  # since somebody took the name in this moment
            return False
        raise
    return True


def _record(bundle: Bundle) -> Record:
    run, checkpoint = bundle.manifest.run, bundle.manifest.checkpoint
    scores = task_kind(bundle.experiment).scores
    best = None
    if scores[0].name in checkpoint.metrics:
        # Other checkpoints stayed behind, so the best that is here is this one.
        best = best_of([{**checkpoint.metrics, "step": checkpoint.step}], scores)
    return Record(
        **run.model_dump(),
        status="finished" if run.step >= run.steps else "stopped",
        updated=run.created,
        host=socket.gethostname(),
        process_id=0,
        heartbeat=0.0,
        best=best,
        error=None,
        store=bundle.manifest.store.model_copy(update={"path": ""}),
    )


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's members by name; only names that a bundle has, each once."""
    members: dict[str, zipfile.ZipInfo] = {}
    allowed = {MANIFEST, WEIGHTS, EXPERIMENT, FEATURES, CARD, *METRICS}
    for member in archive.infolist():
        name = member_name(member)
        if name in members or not (name in allowed or _EVALUATION.fullmatch(name)):
            raise BadInput(
                f'{path.name} holds "{shown(name)}", which no bundle of LEO Studio does; get it '
                "again."
            )
        members[name] = member
    missing = [name for name in (MANIFEST, EXPERIMENT) if name not in members]
    if missing:
        raise BadInput(f"{path.name} is no bundle of LEO Studio: it holds no {missing[0]}.")
    if sum(member.file_size for member in members.values()) > _LARGEST:
        raise BadInput(f"{path.name} would unpack to more than 4 GiB, as no bundle does.")
    return members


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo | None, path: Path) -> bytes:
    assert member is not None  # `_members` found it
    name = f"{path.name}: {member_name(member)}"
    with (
        open_member(archive, member, name, "get the bundle again") as stream,
        unreadable_as_bad_input(name),
    ):
        return stream.read()


def _require_known_manifest(archive: zipfile.ZipFile, path: Path) -> None:
    """Look at the version first: a later one may hold other files."""
    found = [member for member in archive.infolist() if member.filename == MANIFEST]
    if len(found) == 1 and found[0].file_size <= _LARGEST_MANIFEST:
        with suppress(ValueError, RecursionError):
            require_known_version(json.loads(_content(archive, found[0], path)), path, SCHEMA)


def _manifest(content: bytes, path: Path) -> _Manifest:
    name = f"{path.name}: {MANIFEST}"
    values = _json(content, name)
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise BadInput(f"{path.name} is no bundle of LEO Studio; its manifest says otherwise.")
    require_known_version(values, path, SCHEMA)
    try:
        manifest = _Manifest.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadInput(f"{name} is damaged ({shown(where)}); get the bundle again.") from None
    checked_name(manifest.run.name, f"{path.name}: the run's name")
    return manifest


def _seen_size(
    content: bytes | None, experiment: Experiment, manifest: _Manifest, path: Path
) -> int:
    """Return how many numbers of an embedding the learner sees; what was fitted must be sound."""
    dim, name = manifest.store.embedding_dim, f"{path.name}: {FEATURES}"
    is_needed = bool(needed_tensors(experiment.data, dim))
    if is_needed != (content is not None):
        what = "lacks" if is_needed else "holds"
        raise BadInput(
            f"{path.name} {what} {FEATURES}, against its settings; get the bundle again."
        )
    if content is None:
        return dim
    return read_features(content, experiment.data, dim, name).seen_size(dim)


def _require_weights(content: bytes, experiment: Experiment, seen: int, path: Path) -> None:
    """Require the learner's tensors, in the shapes that settings and embeddings ask for."""
    name = f"{path.name}: {WEIGHTS}"
    try:
        tensors = safetensors.torch.load(content)
    except (safetensors.SafetensorError, ValueError, KeyError, RuntimeError):
        raise BadInput(f"{name} is no file of weights; get the bundle again.") from None
    wanted = learner_of(experiment, seen, torch.device("cpu")).weight_shapes()
    if wanted and not tensors:
        raise BadInput(f"{path.name} is no bundle of LEO Studio: it holds no {WEIGHTS}.")
    shapes = {key: tuple(each.shape) for key, each in tensors.items()}
    odd = sorted(key for key in shapes.keys() | wanted.keys() if shapes.get(key) != wanted.get(key))
    if odd:
        which = counted(odd, "tensor does", "tensors do")
        raise BadInput(f"{name}: {which} not fit its settings; get the bundle again.")
    bad = [key for key, tensor in tensors.items() if not _is_sound(tensor)]
    if bad:
        which = counted(bad, "tensor holds", "tensors hold")
        raise BadInput(
            f"{name}: {which} numbers that are not finite float32; get the bundle again."
        )


def _is_sound(tensor: Tensor) -> bool:
    return str(tensor.dtype) == "torch.float32" and bool(tensor.isfinite().all())


def _json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise BadInput(f"{name} is not valid JSON; get the bundle again.") from None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadInput(f"{path.name}: {EXPERIMENT} is not text; get the bundle again.") from None
