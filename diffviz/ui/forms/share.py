"""How far a run is as a share of all of it: the same wherever it is said."""

from __future__ import annotations

import math

from diffviz.domain.gan import GanRequest
from diffviz.session.run import Run


def share_of(run: Run) -> float:
    """How much of `run` is done, 0 to 1: of its frames, or of all steps of a training.

    A training that goes on from step 50 of 1,500 begins with those 50: its steps are counted so everywhere.
    """
    if not isinstance(run.request, GanRequest):
        return run.progress
    return run.store[-1].position / run.plan.positions[-1] if len(run.store) else 0.0


def percent_text(run: Run) -> str:
    """How much of `run` there is where that is a part of it, in whole percent, else nothing; 100 % is not a part."""
    share = share_of(run)
    return f"{math.floor(100 * share + 1e-9)}%" if 0 < share < 1 else ""
