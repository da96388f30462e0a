"""The leo-studio command: results on stdout, progress on stderr.

Without a command it opens the window. Exit status 0 when all went well, 2 for input that cannot be
used and for results that cannot be printed, 128 and its number after a signal: 130 after Ctrl+C,
143 after a polite kill, 129 once the terminal is closed. Each command imports what it needs when it
runs, because torch alone takes a second to load, and because Qt is not wanted where there is no
display.
"""

import signal
import sys
from typing import NoReturn

from engine.errors import BadInput
from leo_studio.cli.streams import (
    complain,
    deliver,
    forget_the_rest,
    prepare_streams,
)
from leo_studio.startup.signals import end, obeyed, polite_signals


def main() -> None:
    """Run the command line; what a person can put right is one sentence and exit status 2."""
    prepare_streams()
    try:
        with obeyed(*polite_signals(), by=end):
            _run()
    except BadInput as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except OSError as error:
        # What the system refuses, such as a full disk, is no bug of ours; where it was is said.
        where = f"{error.filename}: " if error.filename else ""
        _refuse(f"{where}{error.strerror or error}.")
    except (MemoryError, RuntimeError) as error:
        from engine.session.failures import explain

        explanation = explain(error)
        if explanation.traceback:
            raise  # a bug of ours
        _refuse(explanation.sentence)


def _run() -> None:
    try:
        if len(sys.argv) == 1:
            from leo_studio.startup.launch import open_window

            open_window()
        # Not for the window, which nobody should wait for.
        from leo_studio.cli.commands import app

        app()
    except SystemExit as ended:  # how every command ends
        if ended.code:  # which says already that not all is well
            forget_the_rest()
        else:
            deliver()
        raise


def _refuse(sentence: str) -> NoReturn:
    forget_the_rest()
    complain(sentence)
    sys.exit(2)
