"""Links into the glossary lead to its entries."""

import re

import pytest

from engine.config import settings_of_all_kinds
from engine.learners.catalogue import LEARNERS
from engine.tasks.catalogue import TASK_KINDS
from leo_studio.analysis.curves.quantities import RATE
from leo_studio.analysis.guide.glossary import (
    CURVES,
    EPISODE,
    EVALUATION,
    EVALUATION_ON_FUNCTIONS,
    LATENT_SPACE,
    SETTINGS,
    UNCERTAINTY,
    link_to,
)
from leo_studio.analysis.guide.pages import (
    GLOSSARY,
    GuidePage,
    guide_folder,
    read_pages,
    sections_of,
)

OF_RESULTS = {*EVALUATION, *EVALUATION_ON_FUNCTIONS, *UNCERTAINTY}
LINKED = {*SETTINGS.values(), *CURVES.values(), *OF_RESULTS, *LATENT_SPACE, *EPISODE}


@pytest.fixture(scope="module")
def glossary() -> GuidePage:
    return {page.name: page for page in read_pages(guide_folder())}[GLOSSARY]


def test_every_link_has_its_heading(glossary: GuidePage) -> None:
    anchors = {heading.anchor for heading in glossary.headings}
    assert [each for each in LINKED if link_to(each).partition("#")[2] not in anchors] == []
    assert {"AUROC", "Risk-coverage", "Temperature"} <= {*UNCERTAINTY}
    assert link_to("Calibration (ECE)") == "leo-guide:glossary#calibration-ece"


def test_every_entry_is_a_few_sentences(glossary: GuidePage) -> None:
    entries = [(each, text) for each, text in sections_of(glossary) if each.level == 3]
    assert len(entries) > 35
    for heading, text in entries:
        sentences = re.findall(r"[.;:](?= |$)", text.replace("et al.", ""))
        assert 1 <= len(sentences) <= 8 and len(text) < 480, heading.title


def test_settings_and_curves_that_are_linked_are_there_and_none_of_learning_is_forgotten() -> None:
    settings = set(settings_of_all_kinds())
    assert SETTINGS.keys() <= settings
    machine = {path for path in settings if path.startswith("run.")} - {"run.seed"}
    unexplained = {"schema", "name", "description", "task.kind"} | machine
    assert settings - SETTINGS.keys() == unexplained
    columns = {column.name for kind in LEARNERS.values() for column in kind.columns} | {RATE}
    scores = {score.name for kind in TASK_KINDS.values() for score in kind.scores}
    assert columns | scores == CURVES.keys()
