"""The learner of the guide: its code goes into a copy of the code, trains, and is drawn."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore

CHECKOUT = Path(__file__).parents[2]
GUIDE = CHECKOUT / "docs" / "adding_a_learner.md"
_BLOCK = re.compile(r"```python\n# (append to|new:) (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code with what the guide adds to it."""
    folder = tmp_path_factory.mktemp("code")
    leave_out = shutil.ignore_patterns("__pycache__")
    for name in ("engine", "leo_studio", "presets"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=leave_out)
    blocks = _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) == 6
    for how, name, text in blocks:
        file = folder / name
        assert file.exists() == (how == "append to")
        file.parent.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"\n\n{text}" if how == "append to" else text)
    return folder


# Commands one after the other, then what the Curves panel draws for their run; what each printed.
FOLLOW = """
import io, json, sys
from contextlib import redirect_stdout
from pathlib import Path

from engine.runs.run import Run
from leo_studio.analysis.curves.quantities import plots_of
from leo_studio.cli import main

told = []
for words in json.loads(sys.argv[1]):
    sys.argv = ["leo-studio", *words]
    with redirect_stdout(io.StringIO()) as printed:
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    told.append(printed.getvalue())
run = Run(Path(json.loads(told[0])["run"]))
for plot in plots_of(run.columns, run.scores):
    told.append(f"{plot.title} {[curve.label for curve in plot.quantities]}")
print(json.dumps(told))
"""


def followed(code: Path, library: Path, *commands: Sequence[str]) -> list[str]:
    """Return what each command prints, then the plots, in a process that has the copy's code."""
    environment = {**os.environ, "PYTHONPATH": str(code), "LEO_STUDIO_HOME": str(library)}
    done = subprocess.run(
        [sys.executable, "-c", FOLLOW, json.dumps(commands)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=library,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: list[str] = json.loads(done.stdout)
    return told


@pytest.mark.slow
def test_the_guides_learner_trains_and_is_drawn(
    code: Path, tmp_path: Path, toy_store: EmbeddingStore
) -> None:
    settings = {
        "learner.kind": "weighted_means",
        "learner.initial_weight": 1.0,
        "optimizer.outer_lr": 0.05,
        "task.n_way": 4,
        "task.k_shot": 2,
        "task.queries": 3,
        "task.examples_per_class": 30,
        "schedule.validate_every": 20,
        "schedule.validation_episodes": 50,
    }
    changes = [part for path, value in settings.items() for part in ("--set", f"{path}={value}")]
    words = ("--store", str(toy_store.path), "--steps", "60", "--name", "weighted", "--json")
    bundle = tmp_path / "weighted.leo"
    trained, evaluated, _, *plots = followed(
        code,
        tmp_path,
        ("train", "glyphs-5way-1shot", *words, *changes),
        ("evaluate", "weighted", "--episodes", "100", "--json"),
        ("export", "weighted", "--format", "bundle", "--out", str(bundle)),
    )
    with (Path(json.loads(trained)["run"]) / "train.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60 and float(rows[-1]["mean_weight"]) > 1.0
    losses = [float(row["loss"]) for row in rows]
    assert sum(losses[-10:]) < sum(losses[:10])
    assert json.loads(evaluated)["accuracy"] > 0.5
    assert bundle.stat().st_size > 0
    assert "Weights ['mean']" in plots
