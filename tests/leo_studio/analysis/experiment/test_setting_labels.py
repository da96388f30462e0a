"""Labels in the place of dotted names."""

import pytest

from engine.config import settings_of_all_kinds
from leo_studio.analysis.experiment.setting_labels import in_labels, setting_label


def test_every_setting_has_a_label_and_results_keep_their_names() -> None:
    for path in settings_of_all_kinds():
        label = setting_label(path, with_section=True)
        assert label != path and "_" not in label
    assert setting_label("learner.dropout", with_section=True) == "Learner › Dropout"
    assert setting_label("learner.dropout") == "Dropout"
    kinds = [setting_label(path) for path in ("task.kind", "learner.kind")]
    assert kinds == ["Kind of task", "Kind of learner"]  # told apart where one form has both
    assert setting_label("test accuracy", with_section=True) == "test accuracy"


@pytest.mark.parametrize(
    ("sentence", "for_people"),
    [
        ("learner.dropout is 1.3.", '"Dropout" is 1.3.'),
        (
            "task.examples_per_class is 5 and task.k_shot is 5; examples_per_class must be larger",
            '"Evaluation examples" is 5 and "Shots" is 5; "Evaluation examples" must be larger',
        ),
        ("mini.yaml: learner.dropout is 1.3.", "mini.yaml: learner.dropout is 1.3."),
        ("my.learner.dropout and learner.dropouts", "my.learner.dropout and learner.dropouts"),
        ("Saved /tmp/run.seeds/a.png.", "Saved /tmp/run.seeds/a.png."),
    ],
)
def test_sentences_for_people_have_labels(sentence: str, for_people: str) -> None:
    assert in_labels(sentence) == for_people
