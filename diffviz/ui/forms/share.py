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


def percent_text(run: Run, step: int = 1) -> str:
    """How much of `run` there is where that is a part of it, else nothing; 100 % is not a part.

    In whole percent, or in `step`s of more than one, the first of which has to be there.
    """
    share = share_of(run)
    steps = math.floor(100 * share / step + 1e-9)
    return f"{step * steps}%" if 0 < share < 1 and (steps or step == 1) else ""
