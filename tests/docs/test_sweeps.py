"""What docs/sweeps.md shows of a space's file is one that fits the preset beside it."""

import re
from pathlib import Path

from engine.runs.library import Library
from engine.studies.sweeps.space import load_space, require_fitting
from engine.studies.sweeps.sweep import LAG, RANDOM

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text("utf-8")


def test_the_file_on_the_page_is_a_space(library_home: Path, tmp_path: Path) -> None:
    (space,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "rates.yaml"
    path.write_text(space)
    preset = Library(library_home).experiment("glyphs-5way-1shot")
    require_fitting(load_space(path), preset, str(path))


def test_the_page_says_the_defaults() -> None:
    assert f"The lag is\n{LAG}, or" in PAGE
    assert RANDOM == 10 and "of ten trials are known" in PAGE
