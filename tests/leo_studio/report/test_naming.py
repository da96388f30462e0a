"""A report of several runs calls them as people know them, and says their folders once."""

import re
import shutil
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.report.contents import ReportOptions
from leo_studio.report.writing import write_report
from tests.leo_studio.report.conftest import trained
from tests.leo_studio.report.page import Page

FOLDERS = ("toy-20261201-022303", "toy-20261201-022304", "toy-20261201-022305")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, toy_store: EmbeddingStore) -> Library:
    """Three runs whose folders tell nothing: two seeds, and one with other inner steps."""
    library = Library(tmp_path_factory.mktemp("named"))
    for name, seed in zip(FOLDERS, (0, 1, 1), strict=True):
        path = trained(library.runs, toy_store, schedule__steps=2, run__seed=seed).path
        path.rename(library.runs / name)
    return library


def page_of(library: Library, out: Path, *names: str) -> Page:
    runs = [Run(library.runs / name) for name in names]
    write_report(library, runs, out, ReportOptions(episodes=4), lambda *_: None)
    return Page(out)


def test_runs_are_told_by_what_differs_and_folders_stand_once(
    library: Library, tmp_path: Path
) -> None:
    page = page_of(library, tmp_path / "report.html", *FOLDERS[:2])
    assert page.mistakes == []
    before = page.words.partition("Run toy-2026")[0]
    assert not any(folder in before for folder in FOLDERS)
    assert re.search(r"is the highest accuracy: seed [01], step 2", before)
    assert re.search(r"Against the next one, seed [01], on the same 4 episodes", before)
    assert "seed 0 less seed 1" in before
    # Commands need the folder.
    said = re.sub(r"<(pre|code)>.*?</\1>", "", page.source, flags=re.DOTALL)
    assert [said.count(folder) for folder in FOLDERS] == [1, 1, 0]


def test_runs_of_the_same_settings_have_numbers(library: Library, tmp_path: Path) -> None:
    page = page_of(library, tmp_path / "report.html", *FOLDERS[1:])
    assert "seed 1 less seed 1 (2)" in page.words


def test_names_that_people_gave_stay(library: Library, tmp_path: Path) -> None:
    own = Library(tmp_path / "own")
    for name, folder in (("mine", FOLDERS[0]), ("yours", FOLDERS[1])):
        shutil.copytree(library.runs / folder, own.runs / name)
    page = page_of(own, tmp_path / "report.html", "mine", "yours")
    assert "mine less yours" in page.words
