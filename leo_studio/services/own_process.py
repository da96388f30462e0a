"""Other processes of this program: started so that nothing in the way is imported instead.

Python looks for modules first in the folder where it is started, and in those of PYTHONPATH.
"""

import sys
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]


def own_command(*words: str) -> list[str]:
    """Return the command that does in another process what `leo-studio` does with some words."""
    return [sys.executable, "-P", str(PACKAGE / "__main__.py"), *words]


def own_code(statements: str) -> list[str]:
    """Return the command that runs statements, which import our packages, in another process."""
    return [
        sys.executable,
        "-P",
        "-c",
        f"import sys; sys.path.append({str(PACKAGE.parent)!r}); {statements}",
    ]
