"""A record of uncertainty in words: what tells wrong answers best, and what samples add."""

import numpy as np
import pytest

from engine.inspection.uncertainty_record import (
    MEASURES,
    OF_SAMPLES,
    Measure,
    Measured,
    UncertaintyRecord,
)
from leo_studio.analysis.evaluation.exported import exported_evaluation
from leo_studio.analysis.evaluation.report import report_of
from leo_studio.analysis.evaluation.uncertainty import (
    COLUMNS,
    chosen_record,
    description,
    errors_at,
    finding,
    rows_of,
)
from leo_studio.figures.records import Line
from leo_studio.figures.tables import length_of
from tests.evaluations import kept


def with_curves() -> UncertaintyRecord:
    """Return a record with a risk-coverage curve for each measure, each higher than the last."""
    found = record()
    curved = [
        each.model_copy(
            update={"risk_curve": tuple(0.01 * (place + 1) * at / 10 for at in range(1, 11))}
        )
        for place, each in enumerate(found.measures)
    ]
    return found.model_copy(update={"measures": tuple(curved)})


def record(**aurocs: float) -> UncertaintyRecord:
    """Return a record whose measures have an AUROC of 0.8, but for those that are named."""
    values = dict.fromkeys(MEASURES, 0.8) | {
        name.replace("_", " "): value for name, value in aurocs.items()
    }
    measures = tuple(
        Measure(
            name=name,
            auroc=Measured(value=value, ci95=0.005),
            risk_coverage=Measured(value=0.03, ci95=0.001),
            gain_on_entropy=Measured(value=value - values["entropy"], ci95=0.002),
        )
        for name, value in values.items()
    )
    return UncertaintyRecord(
        split="test",
        episodes=2000,
        samples=50,
        error=0.1192,
        temperature=0.742,
        loss=0.3749,
        scaled_loss=0.3453,
        sampled_loss=0.375,
        measures=measures,
        run="run",
        checkpoint_step=2750,
    )


@pytest.mark.parametrize(
    ("aurocs", "said"),
    [
        (
            {"scaled_confidence": 0.8568},
            "85.7 % of pairs, by the scaled confidence. LEO's sampled ",
        ),
        ({"scaled_confidence": 0.8568}, " add nothing to one softmax: AUROC at best 0.800 with "),
        ({"mutual_information": 0.9}, "90.0 % of pairs, by the mutual information. LEO's sampled "),
        ({"mutual_information": 0.9}, "codes tell more than one softmax: AUROC at best 0.900 with"),
        ({"mutual_information": 0.9}, "with them, 0.800 without."),
        ({"mutual_information": 0.801}, "It is within the intervals whether LEO's sampled codes "),
    ],
)
def test_it_says_what_tells_wrong_answers_and_whether_samples_add(
    aurocs: dict[str, float], said: str
) -> None:
    assert said in finding(record(**aurocs))


def test_each_measure_has_a_row_and_the_best_is_marked() -> None:
    rows = rows_of(record(confidence=0.85, mutual_information=0.78))
    assert [row.texts[0] for row in rows] == list(MEASURES)
    assert set(OF_SAMPLES) < set(MEASURES) and len(rows[0].texts) == len(COLUMNS)
    assert [row.is_best for row in rows] == [True] + [False] * 6
    assert rows[0].texts[1:] == ("0.8500 ± 0.0050", "+0.0500 ± 0.0020", "0.0300 ± 0.0010")
    assert rows[1].texts[2] == ""  # it is what the others are held against
    assert rows[6].texts[2] == "\u22120.0200 ± 0.0020"
    words = description(record())
    assert "2,000 episodes of split test, checkpoint step 2,750, 50 codes each" in words
    assert "11.92 % of the answers are wrong" in words and "0.742" in words


def test_the_record_of_the_same_episodes_is_chosen() -> None:
    few, many = record(), record().model_copy(update={"episodes": 3000})
    other = record().model_copy(update={"checkpoint_step": 10})
    assert chosen_record((many, other, few), "test", 2750, 2000) is few
    assert chosen_record((few, many, other), "test", 2750, 3000) is many
    assert chosen_record((few, many, other), "test", 2750, 400) is None
    assert chosen_record((few, many, other), "val", 2750, 2000) is None


def test_the_error_of_the_surest_answers_is_told_for_each_measure() -> None:
    lines = errors_at(with_curves(), 0.52).splitlines()
    assert lines[0] == "Wrong among the 50 % least uncertain answers, by"
    assert lines[1:3] == ["confidence: 0.50 %", "entropy: 1.00 %"]
    assert len(lines) == 1 + len(MEASURES)


def test_curves_are_drawn_and_exported_and_an_earlier_record_has_none() -> None:
    report = report_of(kept(), n_way=5)
    earlier = exported_evaluation(report, "mine", "uncertainty", record())
    assert earlier.figure is not None and len(earlier.figure.plots) == 1
    assert "risk_coverage" not in [table.name for table in earlier.tables]
    exported = exported_evaluation(report, "mine", "uncertainty", with_curves())
    assert exported.figure is not None
    curves, aurocs = exported.figure.plots
    assert [layer.label for layer in curves.layers if isinstance(layer, Line)] == list(MEASURES)
    assert (curves.x_label, curves.has_percent, curves.is_x_percent) == (
        "share of the queries answered",
        True,
        True,
    )
    assert aurocs.x_label == "AUROC" and exported.tables[0].name == "uncertainty"
    (table,) = (each for each in exported.tables if each.name == "risk_coverage")
    assert length_of(table) == 10 * len(MEASURES)
    assert np.asarray(table.columns["answered"])[:10] == pytest.approx(np.arange(1, 11) / 10)
