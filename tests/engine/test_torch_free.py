"""Modules that windows import of the engine do not load torch, which takes seconds."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "modules",
    [
        "engine.evaluation.record, engine.evaluation.statistics, engine.evaluation.protocol",
        "engine.evaluation.regression.record",
        "engine.runs.record, engine.data.splits, engine.io.generators",
        "engine.images.backbones.catalogue, engine.classifying.records, engine.images.looking",
        "leo_studio.services.records, leo_studio.analysis.comparison.differences",
        "leo_studio.analysis.evaluation.report",
    ],
)
def test_records_load_neither_torch_nor_scipy(modules: str) -> None:
    code = f"import sys, {modules}; print({{'torch', 'scipy'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
