"""The command line in the test's own process."""

import sys

import pytest

from leo_studio.cli import main


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run `leo-studio` with some words, and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["leo-studio", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code
