"""A faster start: PySide6 does not read the source of all that is imported after it."""

import sys
from types import ModuleType


def leave_sources_unread() -> None:
    """Keep PySide6 from reading the source of every module that is imported from now on.

    It looks there for its own name, to know which modules may use its optional features
    (`snake_case`, `true_property`); we use none. That takes a tenth of a start, and keeps all those
    texts in memory. Where PySide6 has no such search, nothing happens.
    """
    import PySide6  # noqa: F401 -- which loads what is changed here

    feature = sys.modules.get("shibokensupport.feature")
    if feature is not None and hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _uses_no_feature  # type: ignore[attr-defined]


def _uses_no_feature(_module: ModuleType) -> bool:
    return False
