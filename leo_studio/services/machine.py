"""Facts about this machine: versions of what is installed, and devices to train on.

No Qt, and no torch before the devices are asked for.
"""

import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from leo_studio import __version__

# What the window imports, and the packages that bring it.
WINDOW_PACKAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PySide6": "PySide6-Essentials",
        "pyqtgraph": "pyqtgraph",
        "fonticon_mdi7": "fonticon-materialdesignicons7",
    }
)
PACKAGES = (
    *("torch", "numpy", "h5py", "pyyaml", "pydantic", "safetensors", "typer", "rich"),
    *WINDOW_PACKAGES.values(),
)
MISSING = "missing"


def versions() -> dict[str, str]:
    """Return the versions of everything that matters; those of absent packages are `MISSING`."""
    found = {
        "leo-studio": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = MISSING
    return found


def devices() -> dict[str, str]:
    """Return what this machine can train on, and what "auto" takes and why."""
    from engine.devices.selection import choose_device, list_devices, why_no_gpu

    return list_devices() | {"auto": f"{choose_device('auto')} ({why_no_gpu()})"}


def facts(library: Path) -> dict[str, dict[str, str]]:
    """Return all that is known of this machine, and where the library is, by section."""
    return {"versions": versions(), "devices": devices(), "folders": {"library": str(library)}}
