"""Words on how far a training is: in training steps, of which a frame may stand for many."""

from __future__ import annotations

from diffviz.domain.gan import GanRequest
from diffviz.domain.requests import Step
from diffviz.domain.text import tr
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.forms.progress import progress_text, waiting_text
from diffviz.ui.forms.quantities import duration, quantity


def run_text(run: Run, session: Session) -> str:
    """How far `run` is, of whatever kind it is."""
    return training_text(run, session) if isinstance(run.request, GanRequest) else progress_text(run, session)


def training_text(run: Run, session: Session) -> str:
    """How far `run` is, or what it waits for."""
    if run.status is Status.QUEUED:
        return waiting_text(run, session.runs, session.cards)
    if not len(run.store) and run.status in (Status.SENT, Status.RUNNING):
        return progress_text(run, session)
    steps = _steps(run)
    if "/recorded/" in run.slot:
        return tr("recorded: {steps}").format(steps=steps)
    match run.status:
        case Status.RUNNING | Status.SENT:
            return _running(run, steps)
        case Status.PAUSED:
            return tr("paused at {steps}").format(steps=steps)
        case Status.CANCELLED:
            return tr("cancelled at {steps}").format(steps=steps)
        case Status.FAILED:
            return tr("failed at {steps}").format(steps=steps)
        case _:
            return steps if run.seconds <= 0 else tr("{steps} in {t}").format(steps=steps, t=duration(run.seconds))


def rate_of(run: Run) -> float:
    """Training steps a second since `run` began, 0 before the first."""
    done = _reached(run) - _begin(run)
    return done / run.seconds if run.seconds > 0 else 0.0


def _begin(run: Run) -> float:
    return run.request.start.at if isinstance(run.request.start, Step) else 0.0


def _reached(run: Run) -> float:
    return run.store[-1].position if len(run.store) else _begin(run)


def _steps(run: Run) -> str:
    return tr("{n} / {all} steps").format(n=f"{_reached(run):,g}", all=f"{run.plan.positions[-1]:,.0f}")


def _running(run: Run, steps: str) -> str:
    rate = rate_of(run)
    if rate <= 0:
        return steps
    left = (run.plan.positions[-1] - run.store[-1].position) / rate
    return " · ".join(
        (steps, tr("{rate} steps/s").format(rate=quantity(rate)), tr("{t} left").format(t=duration(left)))
    )
