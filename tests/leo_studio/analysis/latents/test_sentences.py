from engine.projection import fit_pca
from leo_studio.analysis.latents.options import PAPER, Options, with_defaults
from leo_studio.analysis.latents.projected import project_linearly
from leo_studio.analysis.latents.sentences import key_words, selected_words, tuned_words
from tests.leo_studio.analysis.latents.made import made_latents

LATENTS = made_latents()
SHOWN = project_linearly(LATENTS, fit_pca(LATENTS.codes.reshape(-1, 5), "made codes"))


def test_the_key_names_the_marks_that_are_drawn_and_no_others() -> None:
    options = Options(shows_samples=True, shows_most=True)
    assert key_words(SHOWN, 2, options, has_ring=False) == (
        "12 episodes, 36 codes · ○ hollow: code before · ● filled: after the inner loop"
        " · → its way · ellipse: the code's spread (95 %)"
        " · small dots: codes drawn from it"
    )
    assert key_words(SHOWN, 0, Options(), has_ring=True) == (
        "12 episodes, 36 codes · ○ hollow: code before · ring: the episode looked at"
    )
    assert key_words(SHOWN, 3, Options(shows_before=False), has_ring=False) == (
        "12 episodes, 36 codes · ● filled: after fine-tuning 1 · → its way"
    )
    assert "▼ filled: after the inner loop" in key_words(SHOWN, 2, PAPER, has_ring=False)


def test_it_is_said_why_points_stay_while_weights_are_fine_tuned() -> None:
    assert [tuned_words(SHOWN, place) for place in range(3)] == [[], [], []]
    (words,) = tuned_words(SHOWN, 3)
    assert "the weights themselves" in words and "codes nearest to them" in words


def test_the_key_counts_what_is_shown_where_it_is_more_than_one_episode() -> None:
    one = made_latents(episodes=1)
    shown = project_linearly(one, fit_pca(LATENTS.codes.reshape(-1, 5), "made codes"))
    assert key_words(shown, 0, Options(), has_ring=False) == "○ hollow: code before"
    assert key_words(SHOWN, 0, Options(), has_ring=False).startswith("12 episodes, 36 codes · ")


def test_a_selection_counts_codes_where_they_were_drawn_around() -> None:
    codes = {(3, 0), (3, 1), (7, 2)}
    assert selected_words(codes, {3, 7}) == "3 codes of 2 episodes selected"
    assert selected_words(codes, {3, 8}) == "2 episodes selected"  # chosen elsewhere since
    assert selected_words({(3, 0)}, {3}) == "1 code of 1 episode selected"


def test_what_is_selected_and_not_shown_is_said() -> None:
    first = list(range(100))
    assert selected_words((), {3, 8}, first) == "2 episodes selected"
    said = "1 episode selected, not among the first 100 shown"
    assert selected_words((), {200}, first) == said
    said = "1 code of 1 episode selected, not among those shown"
    assert selected_words({(3, 0)}, {3}, [4, 9]) == said
    said = "3 episodes selected, 2 of these episodes not the one shown"
    assert selected_words((), {3, 4, 5}, [4]) == said


def test_spread_is_shown_of_few_episodes_unless_a_person_picked_otherwise() -> None:
    few, many = (with_defaults(Options(), episodes, ()) for episodes in (1, 100))
    assert few.shows_samples and few.shows_most and not many.shows_samples and not many.shows_most
    picked = with_defaults(Options(shows_samples=True), 100, {"shows_samples"})
    assert picked.shows_samples and not picked.shows_most
    assert not with_defaults(Options(), 1, {"shows_samples"}).shows_samples


def test_arrows_are_drawn_of_few_episodes_unless_a_person_picked_otherwise() -> None:
    assert with_defaults(Options(), 30, ()).paths == "arrows"
    assert with_defaults(Options(), 31, ()).paths == "none"
    assert with_defaults(Options(paths="trajectories"), 1000, {"paths"}).paths == "trajectories"
