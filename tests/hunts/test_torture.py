"""A few rounds of the torture for each operation, and that it finds what it looks for."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runs.folders import run_folders
from engine.runs.library import Library

if sys.platform == "win32":
    pytest.skip("processes are forked", allow_module_level=True)

from tests.hunts.torture import OPERATIONS, Operation, one_round, remove_template

# Newer versions of Python warn of threads, such as those of pytest-xdist, which a child lacks.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.fixture(scope="module", autouse=True)
def no_template_left() -> Iterator[None]:
    yield
    remove_template()


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_left_of_a_killed_operation_is_whole(name: str) -> None:
    for delay in (0.0, 0.02, 0.2):
        assert one_round(OPERATIONS[name], delay, []).finding == ""


def test_a_run_that_is_at_two_places_is_found() -> None:
    def copy(root: Path) -> None:
        (folder,) = run_folders(Library(root).runs)
        shutil.copytree(folder, Library(root).trash / folder.name)

    delete = OPERATIONS["delete"]
    assert one_round(Operation(delete.prepare, copy, delete.judge), 5.0, []).finding
