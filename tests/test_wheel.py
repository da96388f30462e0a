"""The wheel works outside the checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

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


def test_the_wheel_will_carry_every_page_of_the_guide_with_its_pictures() -> None:
    files = WheelBuilder(str(CHECKOUT)).recurse_included_files()
    carried = {str(file.distribution_path).replace(os.sep, "/") for file in files}
    docs = CHECKOUT / "docs"
    pages = [*docs.glob("*.md"), *(docs / "images").iterdir()]
    assert len(pages) > 20
    wanted = {f"leo_studio/docs/{page.relative_to(docs).as_posix()}" for page in pages}
    assert wanted <= carried
    assert not any(name.startswith("leo_studio/docs/") and name.endswith(".py") for name in carried)
    assert "engine/presets/mini-1shot.yaml" in carried and "leo_studio/cli/__init__.py" in carried
    assert "engine/presets/sweeps/glyphs-leo.yaml" in carried
