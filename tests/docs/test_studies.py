"""What docs/studies.md shows of a study's file is one."""

import re
from pathlib import Path

from engine.runs.library import Library
from engine.studies.cells import cells_of
from engine.studies.study import load_study

PAGE = (Path(__file__).parents[2] / "docs" / "studies.md").read_text("utf-8")


def test_the_file_on_the_page_is_a_study(library_home: Path, tmp_path: Path) -> None:
    study, published = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "shots.yaml"
    path.write_text(study + published)
    read = load_study(path)
    cells = cells_of(read, Library(library_home).experiment, "cpu")
    assert len(cells) == 2 * (1 + 2 * 5)
    assert read.published is not None
