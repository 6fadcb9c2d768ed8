"""Words on how far a run is, and what one will cost."""

from __future__ import annotations

import math
from collections.abc import Mapping

from diffviz.domain.cards import Card
from diffviz.domain.plan import Plan
from diffviz.domain.text import tr, trn
from diffviz.session.engines import apart
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.run_names import name_of
from diffviz.ui.widgets.format import duration, quantity, size


def share_of(run: Run) -> float:
    """How much of `run` is done, 0 to 1: of its frames, or of all steps of a training.

    A training that goes on from step 50 of 1,500 begins with those 50: its steps are counted so everywhere.
    """
    if not run.plan.between:
        return run.progress
    return run.store[-1].position / run.plan.positions[-1] if len(run.store) else 0.0


def percent_text(run: Run, step: int = 1) -> str:
    """How much of `run` there is where that is a part of it, else nothing; 100 % is not a part.

    In whole percent, or in `step`s of more than one, the first of which has to be there.
    """
    share = share_of(run)
    steps = math.floor(100 * share / step + 1e-9)
    return f"{step * steps}%" if 0 < share < 1 and (steps or step == 1) else ""


def cost_text(plan: Plan, seconds: float | None) -> str:
    """What a run with `plan` will cost: network evaluations, seconds where they are known, bytes."""
    if not plan.evaluations:
        return tr("{n} frames · no network · {size}").format(n=f"{len(plan.positions):,}", size=size(plan.nbytes))
    time = tr("time unknown") if seconds is None else tr("about {t}").format(t=duration(seconds))
    return tr("{n} evaluations · {time} · {size}").format(n=f"{plan.evaluations:,}", time=time, size=size(plan.nbytes))


def progress_text(run: Run, session: Session) -> str:
    """How far `run` is, or what it waits for."""
    match run.status:
        case Status.SENT | Status.RUNNING if not len(run.store):
            loading = session.device is None and run.plan.evaluations
            return tr("loading torch…") if loading else tr("starting…")
        case Status.QUEUED:
            return waiting_text(run, session.runs, session.cards)
        case Status.RUNNING | Status.SENT:
            return _running(run)
        case Status.PAUSED:
            return tr("paused at {steps}").format(steps=steps_text(run))
        case Status.CANCELLED:
            return tr("cancelled at {steps}").format(steps=steps_text(run))
        case Status.FAILED:
            return tr("failed at {steps}").format(steps=steps_text(run))
        case Status.FINISHED:
            steps = _steps(run)
            if not run.seconds:  # it comes from a file, which does not say how long it took
                return trn("{n} step", "{n} steps", steps).format(n=f"{steps:,}")
            text = trn("{n} step in {t}", "{n} steps in {t}", steps)
            return text.format(n=f"{steps:,}", t=duration(run.seconds))


def steps_text(run: Run) -> str:
    """Steps done out of those planned."""
    return tr("{n} / {all} steps").format(n=f"{max(0, len(run.store) - 1):,}", all=f"{_steps(run):,}")


def waiting_text(run: Run, runs: list[Run], cards: Mapping[str, Card]) -> str:
    """Which of `runs` the queued `run` waits for."""
    other = waited_for(run, runs)
    return tr("waiting for {run}").format(run=name_of(other, cards)) if other else tr("waiting…")


def together(run: Run, other: Run) -> bool:
    """Whether one of them waits for the other: the same engine computes both."""
    return apart(run.request) == apart(other.request)


def waited_for(run: Run, runs: list[Run]) -> Run | None:
    """Which of `runs` has to end before the queued `run` begins; None where that is not known."""
    others = [other for other in runs if other is not run and not other.status.final and together(run, other)]
    return min(others, key=lambda other: other.status is not Status.RUNNING, default=None)


def _running(run: Run) -> str:
    left = run.seconds_left
    done, steps = max(0, len(run.store) - 1), _steps(run)
    parts = [f"{done:,} / {steps:,}", tr("{rate} steps/s").format(rate=quantity(run.rate))]
    if left is not None:
        parts.append(tr("{t} left").format(t=duration(left)))
    return " · ".join(parts)


def _steps(run: Run) -> int:
    return max(1, len(run.plan.positions) - 1)
