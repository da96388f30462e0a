"""The leo-studio command: results on stdout, progress on stderr.

Without a command it opens the window. Exit status 0 when all went well, 2 for input that cannot be
used, 130 after Ctrl+C. Each command imports what it needs when it runs, because torch alone takes a
second to load, and because Qt is not wanted where there is no display.
"""

import sys

from engine.errors import BadInput
from leo_studio.startup.launch import open_window


def main() -> None:
    """Run the command line; what a person can put right is one sentence and exit status 2."""
    try:
        if len(sys.argv) == 1:
            open_window()
        # Not for the window, which nobody should wait for.
        from leo_studio.cli.commands import app

        app()
    except BadInput as error:
        print(f"leo-studio: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        # What the system refuses, such as a full disk, is no bug of ours; where it was is said.
        where = f"{error.filename}: " if error.filename else ""
        print(f"leo-studio: {where}{error.strerror or error}.", file=sys.stderr)
        sys.exit(2)
    except (MemoryError, RuntimeError) as error:
        from engine.session.failures import explain

        explanation = explain(error)
        if explanation.traceback:
            raise  # a bug of ours
        print(f"leo-studio: {explanation.sentence}", file=sys.stderr)
        sys.exit(2)
