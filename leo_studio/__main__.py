"""Run with `python -m leo_studio`, or by this file's path, as other processes of ours are."""

import sys
from pathlib import Path

if not __package__:
    sys.path.append(str(Path(__file__).resolve().parents[1]))

from leo_studio.cli import main  # known by now

if __name__ == "__main__":
    main()
