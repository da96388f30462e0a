"""Moments as they are written: in files for programs, in names for people."""

from datetime import UTC, datetime


def utc_now() -> str:
    """Return the moment in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def stamp() -> str:
    """Return the moment as names of folders have it, in local time: "20261129-043200"."""
    return datetime.now().strftime("%Y%m%d-%H%M%S")
