"""How much memory this process holds, and has held."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

STATUS = Path("/proc/self/status")
KILO = 1024


def resident_bytes() -> int | None:
    """Return the memory that this process holds now [bytes]; None where the system does not tell."""
    return _status("VmRSS:")


def peak_bytes() -> int | None:
    """Return the most memory that this process has held [bytes]; None where the system does not tell.

    Linux counts the memory of the process that started this one into `getrusage`; its status file does not.
    """
    peak = _status("VmHWM:")
    if peak is None and resource is not None:
        unit = 1 if sys.platform == "darwin" else KILO  # macOS counts bytes, others kilobytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return peak


def array_bytes(*owners: object) -> int:
    """Return how much memory the NumPy arrays hold that are attributes of these, or members of such attributes."""
    seen: dict[int, int] = {}
    for owner in owners:
        names = getattr(owner, "__slots__", None) or vars(owner)
        values = [getattr(owner, name) for name in names]
        values += [member for value in values if isinstance(value, tuple) for member in value]
        for value in values:
            if isinstance(value, np.ndarray):
                whole = value if value.base is None or not isinstance(value.base, np.ndarray) else value.base
                seen[id(whole)] = whole.nbytes
    return sum(seen.values())


def _status(entry: str) -> int | None:
    try:
        lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * KILO for line in lines if line.startswith(entry)), None)
