"""Studies as the windows read them: what was asked for last, first looks, and own files."""

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.locks import holding
from engine.runs.library import Library
from engine.studies.standing import StudyFolder
from engine.studies.study import Study, load_study
from leo_studio.services.study_reading import StudyReader
from leo_studio.services.study_records import STEPS, FirstLook, StudyWanted
from tests.leo_studio.ui.studies.conftest import WriteStudy, write_study

__all__ = ["write_study"]  # a fixture


@pytest.fixture
def library(library_home: Path) -> Library:
    return Library(library_home)


@pytest.fixture
def reader(library: Library, write_study: WriteStudy) -> StudyReader:
    return StudyReader(library, lambda _: False)


def ask(library: Library, study: Study) -> StudyFolder:
    """Leave a study's folder as a command does that carries it out."""
    folder = StudyFolder(library.studies / study.name)
    write_text(folder.file, study.to_yaml())
    return folder


def test_what_a_command_asked_for_last_is_shown_with_rows_as_they_are_now(
    reader: StudyReader, library: Library, write_study: WriteStudy
) -> None:
    own = reader.study(StudyWanted("tiny"))
    ask(library, own.with_parts(seeds=1, set={STEPS: 9, "optimizer.outer_lr": 0.5}))
    write_study(rows=[{"name": "LEO"}, {"name": "Ridge", "set": {"learner.kind": "ridge"}}])
    view = reader.view(StudyWanted("tiny"))
    assert view.first_look == FirstLook(1, 9)
    assert view.study.changes == {STEPS: 9, "optimizer.outer_lr": 0.5}
    assert [row.name for row in view.study.rows] == ["LEO", "Ridge"]
    whole = reader.view(StudyWanted("tiny", is_as_asked=False))
    assert whole.first_look is None
    assert (whole.study.seeds, whole.study.changes) == (2, {"optimizer.outer_lr": 0.5})


def test_what_another_process_carries_out_is_shown_as_that_asked_for_it(
    reader: StudyReader, library: Library
) -> None:
    own = reader.study(StudyWanted("tiny"))
    asked = own.with_parts(seeds=7, rows=[{"name": "LEO"}], against=None)
    with holding(ask(library, asked).lock, timeout=1):
        view = reader.view(StudyWanted("tiny", is_as_asked=False))
        assert view.state == "elsewhere"
        assert view.study == asked.with_parts(against=None)
    assert reader.view(StudyWanted("tiny")).state == "new"


def test_a_first_look_of_a_study_that_is_in_its_folder_alone_keeps_its_own_seeds(
    reader: StudyReader, library: Library
) -> None:
    own = reader.study(StudyWanted("tiny")).with_parts(name="alone")
    folder = ask(library, own)
    wanted = StudyWanted("alone", is_as_asked=False, first_look=FirstLook(1, 5))
    reader.keep_own("alone")
    write_text(folder.file, reader.study(wanted).to_yaml())
    assert load_study(folder.file).seeds == 1
    assert reader.study(StudyWanted("alone", is_as_asked=False)) == own


def test_another_study_of_the_same_name_is_not_replaced(
    reader: StudyReader, library: Library, write_study: WriteStudy, tmp_path: Path
) -> None:
    before = (library.studies / "tiny.yaml").read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(before.replace("episodes: 10", "episodes: 11"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"another study called .tiny.*another name"):
        reader.add(other)
    assert (library.studies / "tiny.yaml").read_text(encoding="utf-8") == before


def test_a_store_that_does_not_suffice_is_said_before(
    reader: StudyReader, write_study: WriteStudy
) -> None:
    write_study(set={"task.n_way": 9})
    view = reader.view(StudyWanted("tiny"))
    assert "classes" in view.why_not and not view.lacks_store
