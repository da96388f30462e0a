"""Launch of the window: checks before Qt starts, then everything that it needs."""

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.errors import BadInput
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.startup.doctor import qt_problem
from leo_studio.startup.sources_unread import leave_sources_unread


def open_window(names: Sequence[str] = (), link: EpisodeLink | None = None) -> NoReturn:
    """Open the window, with what `names` mean in it, and end with its exit status.

    With a `link`, it looks at an episode.

    Raises
    ------
    BadInput
        Before Qt starts: if it cannot, or there is nothing of a name.
    """
    problem = qt_problem()
    if problem is not None:
        raise BadInput(problem)
    if names:
        from leo_studio.services.library_location import default_library
        from leo_studio.services.opening import find_openable

        library = default_library()
        for name in names:
            find_openable(library, name)
    if link is not None:
        from leo_studio.services.inspector import linked_source
        from leo_studio.services.library_location import default_library

        linked_source(default_library(), link)
    # What is imported stays: looking for garbage in between would take a third of the time.
    gc.disable()
    leave_sources_unread()
    from leo_studio.startup.app import run_window

    sys.exit(run_window(list(names), link))
