"""The system libraries that Qt needs on Linux, which no Python package brings.

This file needs nothing but Python itself, so that it also answers before anything is installed:

    python3 leo_studio/startup/platform_libraries.py             says what to do; exit status 1
    python3 leo_studio/startup/platform_libraries.py --packages  prints missing Debian packages
"""

import argparse
import ctypes
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

Packages = Mapping[str, str]  # library to the Debian package that holds it

# What the wheels of PySide6 6.10 link to, by readelf, less what Python itself cannot start without.
EVERY_WINDOW: Final[Packages] = MappingProxyType(
    {
        "libEGL.so.1": "libegl1",
        "libGL.so.1": "libgl1",
        "libX11.so.6": "libx11-6",
        "libdbus-1.so.3": "libdbus-1-3",
        "libfontconfig.so.1": "libfontconfig1",
        "libfreetype.so.6": "libfreetype6",
        "libglib-2.0.so.0": "libglib2.0-0",
        "libxkbcommon.so.0": "libxkbcommon0",
        "libzstd.so.1": "libzstd1",
    }
)
OF_PLATFORM: Final[Mapping[str, Packages]] = MappingProxyType(
    {
        "xcb": {
            "libX11-xcb.so.1": "libx11-xcb1",
            "libxcb.so.1": "libxcb1",
            "libxcb-cursor.so.0": "libxcb-cursor0",
            "libxcb-icccm.so.4": "libxcb-icccm4",
            "libxcb-image.so.0": "libxcb-image0",
            "libxcb-keysyms.so.1": "libxcb-keysyms1",
            "libxcb-randr.so.0": "libxcb-randr0",
            "libxcb-render.so.0": "libxcb-render0",
            "libxcb-render-util.so.0": "libxcb-render-util0",
            "libxcb-shape.so.0": "libxcb-shape0",
            "libxcb-shm.so.0": "libxcb-shm0",
            "libxcb-sync.so.1": "libxcb-sync1",
            "libxcb-util.so.1": "libxcb-util1",
            "libxcb-xfixes.so.0": "libxcb-xfixes0",
            "libxcb-xkb.so.1": "libxcb-xkb1",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        },
        "wayland": {
            "libwayland-client.so.0": "libwayland-client0",
            "libwayland-cursor.so.0": "libwayland-cursor0",
        },
    }
)


def platforms(environment: Mapping[str, str]) -> list[str]:
    """Return the platform plugins that Qt will try on Linux; none where there is no display."""
    chosen = environment.get("QT_QPA_PLATFORM")
    if chosen:
        # "wayland-egl;xcb:option=1" is two plugins, the second one with an option.
        return [name.partition(":")[0].partition("-")[0] for name in chosen.split(";")]
    displays = {"WAYLAND_DISPLAY": "wayland", "DISPLAY": "xcb"}
    return [name for variable, name in displays.items() if environment.get(variable)]


def missing_libraries(platform: str) -> dict[str, str]:
    """Return the libraries that a platform plugin needs and that are missing, with their packages.

    They are loaded, because nothing else finds exactly what Qt will find, and Qt loads them anyway.
    """
    if sys.platform != "linux":
        return {}
    needed = {**EVERY_WINDOW, **OF_PLATFORM.get(platform, {})}
    return {name: package for name, package in needed.items() if not _can_load(name)}


def how_to_install(missing: Mapping[str, str]) -> str:
    """Say in a sentence how to get missing libraries; the exact line on Debian and Ubuntu."""
    if not shutil.which("apt-get"):
        return f"Qt needs {', '.join(missing)}; install them with the system's package manager."
    # A container's root has no need of sudo, and often has none.
    sudo = "sudo " if os.geteuid() else ""
    return (
        "Libraries that Qt needs are missing; install them with: "
        f"{sudo}apt-get install -y {' '.join(packages_of(missing))}"
    )


def packages_of(missing: Mapping[str, str]) -> list[str]:
    """Return the packages that hold the missing libraries, each once."""
    return sorted(set(missing.values()))


def main(arguments: Iterable[str]) -> int:
    """Print what is missing, and return the exit status."""
    parser = argparse.ArgumentParser(description="Check the system libraries that Qt needs.")
    parser.add_argument("--packages", action="store_true", help="print Debian packages alone")
    parser.add_argument("--platform", help="a platform plugin; by default the session's, or xcb")
    options = parser.parse_args(list(arguments))
    candidates = [options.platform] if options.platform else platforms(os.environ) or ["xcb"]
    # One plugin that can start is enough.
    missing = min((missing_libraries(name) for name in candidates), key=len)
    if options.packages:
        if missing:
            print(*packages_of(missing), sep="\n")
        return 0
    if missing:
        print(f"LEO Studio: {how_to_install(missing)}", file=sys.stderr)
    return 1 if missing else 0


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
