"""How kernels are compiled and where the compiled code is kept.

Numba's on-disk cache notices an edited function only in the file that holds it: a caller in another
file would go on using the old compiled callee. So all kernels are cached in a folder named after a hash
of every kernel's source: any edit to any of them starts a new folder.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import platformdirs
from numba.core.options import DefaultOptions

Function = TypeVar("Function", bound=Callable[..., Any])

# Waiting threads soon sleep: ones that spin for long starve each other wherever cores are shared (measured on two busy
# cores: three times slower). Waking them takes as long as moving 200 people, so they do not sleep within a step.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

# OpenMP lets several Python threads call kernels; Numba's own workqueue aborts then.
numba.config.THREADING_LAYER_PRIORITY = ["omp", "tbb", "workqueue"]


def _fingerprint() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _is_private_and_writable(folder: Path) -> bool:
    """Return whether `folder` could be made and holds only what this user put there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return False  # cached code is executed: never take it from a stranger's folder
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _find_cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None if no folder can be written.

    The user's cache folder, or NUMBA_CACHE_DIR where that is set; a folder of the user's own under the
    temporary directory where neither can be written (read-only installs, no home).
    """
    name = f"kernels-{_fingerprint()}"
    roots = [Path(numba.config.CACHE_DIR) / "crowdsim"] if numba.config.CACHE_DIR else []
    roots += [
        Path(platformdirs.user_cache_dir("crowdsim", appauthor=False)),
        Path(tempfile.gettempdir()) / f"crowdsim-{os.getuid() if hasattr(os, 'getuid') else 'cache'}",
    ]
    return next((root / name for root in roots if _is_private_and_writable(root / name)), None)


CACHE_FOLDER = _find_cache_folder()
"""Where compiled kernels are kept; None if nowhere can be written, so that every process compiles anew."""


def _compiled(function: Function, **options: Any) -> Function:
    """Compile `function` with Numba, cached in `CACHE_FOLDER`; other users of Numba keep their settings."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(CACHE_FOLDER or "")
    try:
        compiled: Function = numba.njit(cache=CACHE_FOLDER is not None, error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled


# Kernels take no memory, so arrays need not be counted: counting every array of a bundle wherever the bundle is
# handed on takes several times as long as all the rest of a step (measured).
UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


def kernel(function: Function) -> Function:
    """Compile a serial kernel; it cannot make arrays."""
    return _compiled(function, **UNCOUNTED)


def allocating_kernel(function: Function) -> Function:
    """Compile a serial kernel that makes arrays; to be called once a step, not once a person."""
    return _compiled(function)


def background_kernel(function: Function) -> Function:
    """Compile a serial kernel that lets other Python threads run meanwhile: for work of a tenth of a second or more."""
    return _compiled(function, nogil=True, **UNCOUNTED)


def inlined_kernel(function: Function) -> Function:
    """Compile a serial kernel into each of its callers.

    For small kernels that take the bundles of arrays: handing those over costs more than such a kernel's work.
    """
    return _compiled(function, inline="always", **UNCOUNTED)


def parallel_kernel(function: Function) -> Function:
    """Compile a kernel whose `prange` loops run on all threads; each turn may write its own row only."""
    return _compiled(function, parallel=True, **UNCOUNTED)
