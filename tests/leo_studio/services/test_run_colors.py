"""A run has one colour in all panels."""

from pathlib import Path

from leo_studio.services.run_colors import COLORS, RunColors

A, B, C = (Path(f"/runs/{name}") for name in "abc")


def test_a_run_has_the_same_colour_in_two_panels_in_whatever_order() -> None:
    colors = RunColors()
    curves = colors.share("curves", [A, B])
    assert colors.share("comparison", [B, A]) == curves
    assert colors.share("comparison", [C, B])[C] not in curves.values()


def test_no_two_runs_of_a_panel_share_a_number_and_one_keeps_its_own() -> None:
    colors = RunColors()
    paths = [Path(f"/runs/{number}") for number in range(12)]
    before = colors.share("curves", paths)
    assert len(set(before.values())) == 12
    after = colors.share("curves", paths[6:])
    assert all(after[path] == before[path] for path in paths[6:])


def test_colours_come_back_at_the_next_start_and_nonsense_does_not() -> None:
    colors, later = RunColors(), RunColors()
    before = dict(colors.share("curves", [A, B]))
    later.restore({**colors.remembered(), "/runs/c": "red", "\0": 1, "/runs/d": -3})
    assert later.share("curves", [B]) == {B: before[B]}
    assert later.share("comparison", [B, A]) == before


def test_a_run_keeps_its_colour_while_others_come_and_go() -> None:
    colors = RunColors()
    first = dict(colors.share("comparison", [A, B]))
    colors.share("curves", [C])
    assert colors.share("curves", [C, A])[A] == first[A]
    colors.share("curves", [])
    colors.share("comparison", [C])
    # New ones leave the colours alone of those that are out of sight, while there are others.
    others = [Path(f"/runs/{number}") for number in range(COLORS - 3)]
    new = colors.share("curves", others)
    assert not set(new.values()) & set(first.values())
    assert colors.share("comparison", [B, A]) == {B: first[B], A: first[A]}


def test_beyond_the_palette_a_run_that_nothing_shows_gives_its_colour_away() -> None:
    colors = RunColors()
    all_of_them = [Path(f"/runs/{number}") for number in range(COLORS)]
    before = dict(colors.share("curves", all_of_them))
    colors.share("curves", all_of_them[1:])
    assert colors.share("comparison", [A]) == {A: before[all_of_them[0]]}
    # The one that comes back never has the colour of one that is seen, in whatever panel.
    again = colors.share("curves", all_of_them)
    assert len({*again.values(), before[all_of_them[0]]}) == COLORS + 1
    assert all(again[path] == before[path] for path in all_of_them[1:])
