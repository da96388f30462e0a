"""The world of the window's monkey: a temporary library, files to open, and what must stay whole.

Everything lies in one temporary folder: a library with a store and a run, files to drop (good and
broken ones), an empty folder to write to, and a run that lies elsewhere.
"""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.config import Experiment
from engine.errors import BadInput
from engine.export.bundle import save_bundle
from engine.export.trained import trained
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.record import OWNED
from engine.runs.run import Run
from engine.training import train
from tests.hunts.readers import READERS, make_npz, make_store, toy_experiment

_BROKEN_RECORD = "{"
# What people call runs, stores, classes and files, when they are not kind.
HOSTILE_TEXTS = (
    "",
    " ",
    "0",
    "1",
    "5",
    "-1",
    "0,5",
    "0.5",
    "1e-3",
    "1e400",
    "nan",
    "inf",
    "1.000,5",
    "2147483648",
    "999999999999999999999",
    "tags, more; and more",
    "<b>bold</b> & <i>more</i>",
    "[red]x[/red] [/]",
    "$x_1$ and $\\frac{1$",
    "%s %n {0} {x!r}",
    "../up",
    "a/b\\c",
    "CON",
    ".hidden",
    "?*[!x] (unclosed",
    "日本語 ü é",
    "\u202eright to left",
    "two\nlines",
    "tab\there",
    "very long " * 400,
)


class World:
    """The temporary folder of a session.

    Parameters
    ----------
    root
        An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.library = Library(root / "library")
        self.files = root / "files"  # to open; must not change
        self.out = root / "out"  # to write to
        self.elsewhere = root / "elsewhere"  # with a run outside of the library
        for folder in (self.files, self.out, self.elsewhere, root / "here", self.library.stores):
            folder.mkdir(parents=True)
        self._make_files()
        self.experiments = self._make_experiments()
        self.openable = sorted(self.files.iterdir()) + sorted(self.elsewhere.iterdir())
        self._before = _digests(self.files)
        # The runs that were ever there: names by id. None of them may be lost.
        self._known = self._runs_there()

    def lost_runs(self) -> list[str]:
        """Return the runs that are neither in a folder of runs nor in the trash, in words."""
        there = self._runs_there()
        self._known |= {each: self._known.get(each, name) for each, name in there.items()}
        return [f"the run {self._known[each]} is lost" for each in self._known.keys() - there]

    def faults(self) -> list[str]:
        """Return what is not as it must be, in words, once the window is closed."""
        found = self.lost_runs()
        for folder in self._run_folders():
            if (folder / "run.json").read_text(encoding="utf-8") == _BROKEN_RECORD:
                continue
            try:
                found += [f"{folder.name}: {fault}" for fault in _faults_of_run(folder)]
            except BadInput as error:
                found.append(f"{folder.name}: {error}")
        after = _digests(self.files)
        changed = sorted(dict(set(after.items()) ^ set(self._before.items())))
        found += [f"files/{name} was changed" for name in changed]
        return found

    def count_runs(self) -> int:
        """Return how many runs there were, at one time or another."""
        return len(self._known)

    def _runs_there(self) -> dict[str, str]:
        """Return the names of all runs by id; what moves them moves them at once, on this thread.

        A record is replaced in one move, and read here whole or not.
        """
        found = {}
        for folder in self._run_folders():
            text = (folder / "run.json").read_text(encoding="utf-8")
            if text != _BROKEN_RECORD:
                record = json.loads(text)
                found[record["id"]] = record["name"]
        return found

    def _run_folders(self) -> Iterator[Path]:
        for place in (self.library.runs, self.library.trash, self.elsewhere):
            for path in sorted(place.glob("*/run.json")):
                # A draft's name begins with a dot; who made it is still at it, or was killed.
                if not path.parent.is_symlink() and not path.parent.name.startswith("."):
                    yield path.parent

    def _make_experiments(self) -> list[Path]:
        """Write experiments that can be trained; return their files."""
        toy = toy_experiment(self.library.stores / "toy.h5", 60)
        toy = toy.with_settings({"schedule.validate_every": 15, "evaluation.episodes": 12})
        short = {"schedule.steps": 6, "schedule.validate_every": 3}
        made = {
            "leo": toy,
            "short": toy.with_settings(short),
            "long": toy.with_settings({"schedule.steps": 4000, "schedule.validate_every": 500}),
            "protonet": toy.with_settings({"learner.kind": "protonet"}),
            "ridge": toy.with_settings({"learner.kind": "ridge"}),
            "far": toy.with_settings({"data.store": f"/{'x' * 300}/far.h5"}),
            "too-wide": toy.with_settings({"task.n_way": 7}),
        }
        return [self._written(name, experiment) for name, experiment in made.items()]

    def _written(self, name: str, experiment: Experiment) -> Path:
        path = self.files / f"{name}.yaml"
        path.write_text(experiment.with_settings({"name": name}).to_yaml(), encoding="utf-8")
        return path

    def _make_files(self) -> None:
        store = make_store(self.files)
        # In place of the glyphs, which take seconds to draw.
        for name in ("toy", "glyphs"):
            shutil.copy(store, self.library.stores / f"{name}.h5")
        library = Library(self.root / "maker")
        run, opened = new_run(library, toy_experiment(self.library.stores / "toy.h5"))
        for _ in train(run.experiment, opened, run):
            pass
        run = Run(run.path)
        save_bundle(self.files / "model.leo", trained(run))
        save_bundle(self.files / "model.leo.zip", trained(run))
        shutil.copytree(run.path, self.library.runs / run.name)
        shutil.copytree(run.path, self.elsewhere / "outside")
        # The copy has an identity of its own, as a run that somebody else trained has.
        _amend(self.elsewhere / "outside", id="outside", name="outside")
        shutil.rmtree(library.root)
        (self.elsewhere / "broken run").mkdir()
        (self.elsewhere / "broken run" / "run.json").write_text(_BROKEN_RECORD, encoding="utf-8")
        make_npz(self.files)
        make = READERS["zip"].make
        (self.root / "zip").mkdir()
        make(self.root / "zip").replace(self.files / "released.zip")
        (self.root / "zip" / "embeddings").replace(self.files / "embeddings")
        _make_broken(self.files)


def _make_broken(folder: Path) -> None:
    """Write files that cannot be read, or not as what their names say."""
    (folder / "empty.h5").touch()
    (folder / "torn.h5").write_bytes((folder / "whole.h5").read_bytes()[:3000])
    (folder / "torn.npz").write_bytes((folder / "whole.npz").read_bytes()[:500])
    (folder / "torn.leo").write_bytes((folder / "model.leo").read_bytes()[:900])
    (folder / "broken.yaml").write_text("schema: [1\n  name: {", encoding="utf-8")
    (folder / "wrong.yaml").write_text("schema: 2\ntask: {n_way: 0}\n", encoding="utf-8")
    (folder / "list.yml").write_text("- 1\n- 2\n", encoding="utf-8")
    (folder / "holiday.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "no ending").write_text("text", encoding="utf-8")
    (folder / "nothing").mkdir()
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing of interest")
    np.savez(folder / "other.npz", x=np.zeros(3))


def _amend(folder: Path, **changes: str) -> None:
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | changes), encoding="utf-8")


def _faults_of_run(folder: Path) -> Iterator[str]:
    """Say what is wrong with a run that nobody trains."""
    run = Run(folder)
    if run.record.status in OWNED:
        yield f"nobody trains it, and it says {run.record.status}"
    if run.record.status == "finished" and not run.checkpoints:
        yield "it is finished and has no checkpoint"
    for checkpoint in run.checkpoints:
        checkpoint.weights()
    steps = run.training.arrays()["step"].tolist()
    if steps != sorted(set(steps)):
        yield f"steps {steps} stand in its metrics"
    run.validation.read()


def _digests(folder: Path) -> dict[str, str]:
    """Return a digest of every file by its path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
