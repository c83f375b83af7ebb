"""What a run was computed with: interpreter, libraries, system, processor."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

from llvmlite import binding


@cache
def describe_machine() -> dict[str, str]:
    """Return versions and machine in words.

    `processor` is the one that kernels are compiled for: results are bit-identical on the same kind with the same
    versions.
    """
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": version("numpy"),
        "numba": version("numba"),
        "llvmlite": version("llvmlite"),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processor": str(binding.get_host_cpu_name()),
    }
