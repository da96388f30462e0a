"""LEO Studio, the application."""

import importlib.util
import sys
from pathlib import Path

__version__ = "0.1.0"


def _load_own_engine() -> None:
    """Load the package `engine` that lies beside this one, whatever else bears that name.

    The name is a common one: another project's engine.py, in the folder where Python was started or
    on PYTHONPATH, would be found first.

    Raises
    ------
    ImportError
        If another one was imported before this package.
    """
    folder = Path(__file__).resolve().parents[1] / "engine"
    found = sys.modules.get("engine")
    if found is not None:
        # A package has a path, also where it has no __init__.py; anything else has a file.
        place = next(iter(getattr(found, "__path__", ())), found.__file__)
        if Path(str(place)).resolve() != folder:
            raise ImportError(
                f"{place} was imported as engine, and LEO Studio needs that name for {folder}; "
                "rename that one, or import leo_studio before it."
            )
        return
    spec = importlib.util.spec_from_file_location(
        "engine", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    engine = importlib.util.module_from_spec(spec)
    sys.modules["engine"] = engine
    spec.loader.exec_module(engine)


_load_own_engine()
