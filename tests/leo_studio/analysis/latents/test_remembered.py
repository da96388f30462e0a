import json

import pytest

from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.remembered import Look, from_plain, to_plain

LOOK = Look(
    "tsne",
    "first",
    250,
    Options(color="accuracy", shape="none", paths="none", shows_samples=True, shows_before=False),
    frozenset({"shows_samples", "color"}),
)


def test_a_look_comes_back_from_json() -> None:
    assert from_plain(json.loads(json.dumps(to_plain(LOOK)))) == LOOK


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"method": "none of ours", "scope": 3, "count": "many", "options": 7, "picked": "color"},
        {"method": ["pca"], "scope": "all", "count": True, "options": [], "picked": [["color"]]},
        {"count": 0, "options": {"color": "weight", "shape": None, "shows_most": 1, "x": True}},
        {"count": 1e9, "options": {3: True}, "picked": [4, "x"]},
    ],
)
def test_what_makes_no_sense_is_as_at_first(plain: dict[str, object]) -> None:
    assert from_plain(plain) == Look()


def test_what_makes_sense_is_kept_beside_what_makes_none() -> None:
    look = from_plain({"method": "lda", "count": -3, "options": {"paths": "none", "color": 4}})
    assert look == Look("lda", options=Options(paths="none"))
