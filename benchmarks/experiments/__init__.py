"""crowdsim beside laboratory experiments: same areas, same lines, same frames, same instrument (PedPy).

    python -m benchmarks.experiments [--data DIR] [--seeds 10] [--movement NAME] [--out DIR] [KEY=VALUE ...]

Without `--data` the simulation is compared with figures measured before, which each module keeps with their source.
"""

import logging

import pedpy as _  # noqa: F401  # on import it makes the root logger show everything from INFO on

logging.getLogger("MESA").setLevel(logging.WARNING)  # which says a line for every step
