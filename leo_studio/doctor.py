"""What is on this machine, and what is missing."""

import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

from leo_studio import __version__

PACKAGES = ("torch", "numpy", "h5py", "pyyaml", "pydantic", "safetensors", "typer", "rich")
LITTLE_SPACE = 2**30


def examine() -> dict[str, Any]:
    """Return versions, devices and folders, and a list of problems, each a sentence."""
    problems: list[str] = []
    return {
        "versions": _versions(problems),
        "devices": _devices(),
        "folders": _folders(problems),
        "problems": problems,
    }


def _versions(problems: list[str]) -> dict[str, str]:
    versions = {
        "leo-studio": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "missing"
            problems.append(f"{package} is missing; install it with: pip install {package}")
    return versions


def _devices() -> dict[str, str]:
    import torch

    from engine.devices import choose_device, why_no_gpu

    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    devices = {
        "cpu": f"{platform.machine()}, {cores} cores, {torch.backends.cpu.get_cpu_capability()}"
    }
    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        devices[f"cuda:{index}"] = f"{facts.name}, {facts.total_memory / 2**30:.0f} GiB"
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple GPU"
    for index in range(torch.xpu.device_count()):
        devices[f"xpu:{index}"] = torch.xpu.get_device_name(index)
    devices["auto"] = f"{choose_device('auto')} ({why_no_gpu()})"
    return devices


def _folders(problems: list[str]) -> dict[str, str]:
    from engine.library import built_in_presets
    from leo_studio.home import default_library

    library = default_library()
    existing = next(path for path in (library.root, *library.root.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if not os.access(existing, os.W_OK):
        problems.append(
            f"The library folder {library.root} cannot be written to; set LEO_STUDIO_HOME to one "
            "that can."
        )
    if free < LITTLE_SPACE:
        problems.append(f"{existing} has less than 1 GiB free; make room or set LEO_STUDIO_HOME.")
    presets = built_in_presets()
    if not presets.is_dir():
        problems.append(f"The built-in presets are missing from {presets}; install again.")
    return {
        "library": str(library.root),
        "free": f"{free / 2**30:.1f} GiB",
        "stores": _names(library.stores, "*.h5"),
        "runs": str(len(list(library.runs.glob("*/run.json")))),
        "presets": str(presets),
    }


def _names(folder: Path, pattern: str) -> str:
    return ", ".join(sorted(path.stem for path in folder.glob(pattern))) or "none"
