"""A study of a second, on the toy store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.config import Experiment
from engine.io.yaml_text import written_yaml
from engine.runs.library import Library
from engine.studies.standing import StudyFolder
from engine.studies.study import Study, load_study

MakeStudy = Callable[..., Study]


@pytest.fixture
def library(library_home: Path, toy_experiment: Experiment) -> Library:
    """A library with a preset "toy"."""
    library = Library(library_home)
    library.save_preset("toy", toy_experiment.with_settings({"run.device": "cpu"}))
    return library


@pytest.fixture
def make_study(library: Library, tmp_path: Path) -> MakeStudy:
    """Makes a study by its file: a baseline and LEO, two columns, two seeds, but for changes."""

    def make(**changes: Any) -> Study:
        values: dict[str, Any] = {
            "schema": 1,
            "name": "tiny",
            "preset": "toy",
            "columns": [{"name": "1-shot", "set": {"task.k_shot": 1}}, {"name": "2-shot"}],
            "rows": [
                {"name": "Class mean", "set": {"learner.kind": "class_mean"}},
                {"name": "LEO", "set": {"schedule.steps": 30}},
            ],
            "seeds": 2,
            "episodes": 10,
            "against": "LEO",
        }
        path = tmp_path / "study.yaml"
        path.write_text(written_yaml(values | changes))
        return load_study(path)

    return make


@pytest.fixture
def study_folder(tmp_path: Path) -> StudyFolder:
    return StudyFolder(tmp_path / "tiny")
