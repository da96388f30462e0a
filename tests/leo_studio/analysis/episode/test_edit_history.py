from engine.inspection.what_if import WhatIf
from leo_studio.analysis.episode.edit_history import History


def test_what_was_taken_back_is_forgotten_at_the_next_change() -> None:
    history, changes = History(), [WhatIf(inner_steps=steps) for steps in range(3)]
    history.change(changes[0])
    history.change(changes[1])
    history.undo()
    history.change(changes[2])
    assert history.current == changes[2]
    history.redo()
    assert history.current == changes[2]
    history.undo()
    assert history.current == changes[0]
