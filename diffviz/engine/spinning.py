"""How long torch's threads wait for each other awake."""

import os
from collections.abc import MutableMapping

SPINS = 2000


def spin_briefly(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads that wait for the next layer go to sleep after microseconds; takes effect if torch comes later.

    libgomp, which torch's threads are on Linux, has them turn for milliseconds by default. Where the window takes one
    of two cores, two of them share the other, and each turns for its whole slice of time while the one it waits for
    is not running: one small decoder call in fifty took 20 ms instead of 1, a path of many such calls four times as
    long. Large networks cost the same either way. What the environment already says holds (GNU libgomp manual,
    GOMP_SPINCOUNT; OpenMP specification, OMP_WAIT_POLICY).
    """
    if "OMP_WAIT_POLICY" not in environment:
        environment.setdefault("GOMP_SPINCOUNT", str(SPINS))
