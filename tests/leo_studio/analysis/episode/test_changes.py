from dataclasses import replace

import numpy as np
import pytest

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, WhatIf
from leo_studio.analysis.episode.changes import in_words, replaced, result
from leo_studio.analysis.inspection.findings import class_names
from tests.leo_studio.analysis.inspection.conftest import loaded, seen

__all__ = ["loaded", "seen"]


def scored(seen: Inspection, accuracy: float, loss: float = 0.5) -> Inspection:
    shape, kind = seen.query_accuracy.shape, np.float32
    return replace(
        seen,
        query_accuracy=np.full(shape, accuracy, kind),
        query_loss=np.full(shape, loss, kind),
    )


def test_a_result_says_points_shares_and_which_way(seen: Inspection) -> None:
    plain = scored(seen, 0.76)
    better, worse = result(scored(seen, 0.795), plain), result(scored(seen, 0.72), plain)
    assert better.text == "▲ +3.5 points, better: 76.0 % → 79.5 % right"
    assert worse.text == "▼ −4.0 points, worse: 76.0 % → 72.0 % right"
    assert (better.kind, worse.kind) == ("better", "worse")


@pytest.mark.parametrize("shares", [(0.76044, 0.79557), (0.33349, 0.33351), (0.5, 0.50049)])
def test_points_are_those_between_the_shares_that_are_shown(
    seen: Inspection, shares: tuple[float, float]
) -> None:
    text = result(scored(seen, shares[1]), scored(seen, shares[0])).text
    before, after = (round(100 * share, 1) for share in shares)
    if before == after:
        assert text.startswith("No change: ")
    else:
        assert f"{after - before:+.1f} points" in text


def test_no_change_is_said_with_what_moved_all_the_same(seen: Inspection) -> None:
    plain = scored(seen, 0.76, loss=0.5)
    assert result(plain, plain).text == "No change: 76.0 % right"
    lower = result(scored(seen, 0.76, loss=0.4), plain)
    assert lower.text.endswith("(their loss fell by 0.100 nats)") and lower.kind == "same"


def answered(seen: Inspection, wrong: int) -> Inspection:
    """Let the first queries of the first class be wrong, and all others right."""
    n_way, queries = seen.query.shape[1:]
    taken = np.tile(np.arange(n_way)[:, None], (1, queries))
    taken[0, :wrong] = 1
    probabilities = (0.1 / n_way + 0.9 * np.eye(n_way)[taken]).astype(np.float32)
    probabilities = np.where((seen.query[0] >= 0)[..., None], probabilities, np.nan)
    is_query = seen.query[0] >= 0
    right = (taken == np.arange(n_way)[:, None])[is_query]
    loss = -np.log(np.einsum("nqn->nq", probabilities)[is_query]).mean()
    whole = np.broadcast_to(probabilities, seen.probabilities.shape)
    return replace(scored(seen, right.mean(), loss), probabilities=whole)


def without_query(seen: Inspection, place: int) -> Inspection:
    """Take a query of the first class away, as one that joins the support set is."""
    query = seen.query.copy()
    query[0, 0, place] = -1
    return replace(seen, query=query)


def test_a_query_that_only_one_side_has_is_not_counted(seen: Inspection) -> None:
    count = int((seen.query >= 0).sum())
    plain, fewer = answered(seen, wrong=3), without_query(seen, 0)
    # The same queries are right, though they are a larger share of those that are left.
    same = result(answered(fewer, wrong=3), plain)
    share = 100 * (1 - 2 / (count - 1))
    assert same.kind == "same"
    assert same.text == (
        f"No change: {share:.1f} % right on the {count - 1} queries that both have"
    )
    worse = result(answered(fewer, wrong=5), plain)
    assert worse.kind == "worse" and f": {share:.1f} % → {share - 200 / (count - 1):.1f} %" in (
        worse.text
    )
    assert worse.text.endswith(f" right on the {count - 1} queries that both have")


def test_sides_without_a_common_query_are_not_compared(seen: Inspection) -> None:
    strangers = replace(seen, query=np.where(seen.query < 0, -1, seen.query + 10_000))
    compared = result(scored(strangers, 0.9), scored(seen, 0.1))
    assert compared.kind == "same" and "no query is on both sides" in compared.text


def test_changes_are_said_in_words(seen: Inspection) -> None:
    stranger = next(label for label in range(8) if label not in seen.classes[0])
    edits = (Edit("add", 0, 9), Edit("drop", 0, 1), Edit("add", 1, 8), Edit("swap", 2, stranger))
    swap = f"{class_names(seen)[2]} → {seen.class_names[stranger]}"
    steps = f"inner steps {seen.inner_steps} → 1"
    assert in_words(WhatIf(edits, inner_steps=1), seen, "picture", str) == (
        f"1 class swapped ({swap}), 1 support picture replaced (1 → 9), "
        f"1 support picture added (8), {steps}"
    )
    gone = WhatIf((Edit("drop", 0, 1), Edit("drop", 3, 2)), finetuning_lr=0.5)
    assert in_words(gone, seen, "example", str) == (
        "2 support examples taken out (1, 2), fine-tuning step size × 0.5"
    )
    assert in_words(WhatIf(), seen, "picture", str) == ""


def test_examples_are_named_without_folders_and_by_their_class_where_nobody_knows_their_name(
    seen: Inspection,
) -> None:
    names = {9: "hand/hand-36.png"}
    edits = (Edit("add", 0, 9), Edit("drop", 0, 487))
    said = in_words(WhatIf(edits), seen, "picture", lambda row: names.get(row, ""))
    first = class_names(seen)[0]
    assert said == f"1 support picture replaced (example 487 of {first} → hand-36.png)"


def test_replacing_never_leaves_a_class_without_an_example() -> None:
    once = replaced(WhatIf(), 2, old=1, new=5)
    assert once.edits == (Edit("add", 2, 5), Edit("drop", 2, 1))
    twice = replaced(once, 2, old=5, new=6)
    assert twice.edits == (Edit("add", 2, 6), Edit("drop", 2, 1))
    assert replaced(twice, 2, old=6, new=1) == WhatIf()
