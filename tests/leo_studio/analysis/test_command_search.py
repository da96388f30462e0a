"""Commands are found by name, sentence and synonym."""

import pytest

from leo_studio.analysis.command_search import match_command, words_of

COMMANDS = {
    "File › Open file...": "Open a preset or a store, or import an archive of embeddings",
    "File › Quit": "Close the window; what trains stops with a checkpoint",
    "Runs › Hide from curves": "Draw the curves beside the others, or leave them out",
    "File › Save as preset...": "Keep these settings as a preset of your own",
    "Runs › Move to trash": "Move the run to the library's trash; Undo takes it back",
    "Export › Export model...": "Take what a run learned to other software",
    "Guide: Files and the command line › On notices and next steps": "",
    "Edit › Reset all settings": "Take back everything that differs from the preset",
    "Train › Train": "Train the experiment in the form",
    "Show run 5-way 1-shot, glyphs, 600 outer steps, seed 0": "finished",
    "Setting Run › Seed": "",
    "Setting Learner › Encoder penalty weight": "",
    "Setting Learner › Latent size": "",
    "File › Preferences...": "Choose colours, text size, and what is remembered and asked",
    "Episodes › Worst episode": "Open the one with the lowest accuracy",
}


def found(wanted: str, *, forgives: bool = False) -> list[str]:
    matches = {
        title: match
        for title, sentence in COMMANDS.items()
        if (match := match_command(wanted, title, words_of(title, sentence), forgives=forgives))
    }
    return sorted(matches, key=lambda title: -matches[title].score)


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        ("load", "File › Open file..."),
        ("import", "File › Open file..."),
        ("archive", "File › Open file..."),
        ("exit", "File › Quit"),
        ("quit", "File › Quit"),
        ("export", "Export › Export model..."),
        ("delete run", "Runs › Move to trash"),
        ("onnx", "Export › Export model..."),
        ("opn", "File › Open file..."),
        ("seed", "Setting Run › Seed"),
        ("leave", "File › Quit"),
        ("presets", "File › Save as preset..."),
        ("worst", "Episodes › Worst episode"),
        ("text size", "File › Preferences..."),
        ("size", "Setting Learner › Latent size"),
    ],
)
def test_a_word_that_people_say_finds_the_command(wanted: str, best: str) -> None:
    assert found(wanted)[0] == best


def test_a_name_comes_before_a_sentence_and_nonsense_finds_nothing() -> None:
    assert found("train")[0] == "Train › Train" and "File › Quit" not in found("preset")
    assert found("zebra") == []
    assert found("leaves") == []  # of trees
    assert found("model")[0] == "Export › Export model..."
    assert "File › Open file..." not in found("oel")  # letters scattered over a title by chance
    assert match_command("", "Train", ()) is not None


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("worst", "Show run 5-way 1-shot, glyphs, 600 outer steps, seed 0"),
        ("seed", "Setting Learner › Encoder penalty weight"),
        ("theme", "Guide: Export: take the trained model, the figures and the proof with you"),
    ],
)
def test_letters_scattered_over_a_long_title_do_not_find_it(wanted: str, title: str) -> None:
    assert match_command(wanted, title, words_of(title, "")) is None


@pytest.mark.parametrize(
    ("wanted", "title"),
    [("vdt", "View › Dark theme"), ("1shot", "Load preset mini-1shot"), ("prfs", "Preferences")],
)
def test_starts_of_words_parts_and_short_forms_of_one_word_find_it(wanted: str, title: str) -> None:
    assert match_command(wanted, title, ()) is not None


@pytest.mark.parametrize(
    ("wanted", "title"),
    [("preferances", "File › Preferences..."), ("tarin", "Train › Train"), ("exprot", "Export ›")],
)
def test_a_typing_error_is_forgiven_where_that_is_wanted(wanted: str, title: str) -> None:
    (title,) = [each for each in COMMANDS if each.startswith(title)]
    words = words_of(title, COMMANDS[title])
    assert match_command(wanted, title, words) is None
    match = match_command(wanted, title, words, forgives=True)
    assert match is not None and match.positions and not match.others
    assert found(wanted, forgives=True)[0] == title
    right = match_command(title.split()[-1].removesuffix("..."), title, words, forgives=True)
    assert right is not None and right.score > match.score


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("bigger txet", "View › Larger text"),
        ("smaler txet", "View › Smaller text"),
        ("worst epsiode", "Episodes › Hardest episode"),
    ],
)
def test_each_word_may_have_its_error(wanted: str, title: str) -> None:
    match = match_command(wanted, title, words_of(title, ""), forgives=True)
    assert match is not None and match.score > 0


def test_other_words_are_no_typing_errors() -> None:
    for title, sentence in COMMANDS.items():
        words = words_of(title, sentence)
        for wanted in ("zebra", "leaves", "oel", "worsted"):
            assert match_command(wanted, title, words, forgives=True) is None, (wanted, title)


def test_words_that_the_title_has_not_are_named() -> None:
    words = words_of("File › Quit", COMMANDS["File › Quit"])
    for wanted, other in (("exi", "exit"), ("checkpoint", "checkpoint")):
        match = match_command(wanted, "File › Quit", words)
        assert match is not None and match.others == (other,) and not match.positions
    title = "File › Save as preset..."
    match = match_command("presets", title, words_of(title, ""))
    assert match is not None and match.others == ()
