"""The wheel works outside the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_carries_presets_and_runs_from_elsewhere(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o", str(tmp_path)],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        assert "leo_studio/report/templates/page.html" in archive.namelist()
        archive.extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site), "LEO_STUDIO_HOME": str(tmp_path / "h")}
    code = "import engine, leo_studio.cli as c, sys; print(engine.__file__); c.main()"
    found = subprocess.run(
        [sys.executable, "-c", code, "presets", "show", "mini-1shot", "--json"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    place, _, shown = found.stdout.partition("\n")
    assert Path(place).is_relative_to(site)
    assert json.loads(shown)["name"] == "mini-1shot"
