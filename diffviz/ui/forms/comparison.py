"""What stands beside a diffusion run: the pinned run, and pairs of requests that differ in one thing."""

from __future__ import annotations

import dataclasses

from diffviz.domain.requests import EACH, NO_CLASS, Noise, ReverseRequest
from diffviz.domain.samplers import Ddim, Ddpm
from diffviz.families import family_of
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.run_actions import GUIDANCE, SAMPLERS, STEPS, steps_of

WEAK, STRONG = 1.0, 3.0


def beside(session: Session) -> Run | None:
    """The pinned run, where it is another one than the one shown, and one of diffusion."""
    b = session.b
    if b is None or b is session.a or not family_of(b.request).denoisable:
        return None
    return b


def compared(session: Session) -> dict[str, Run]:
    """The runs on the screen that have frames, by their letters: A, and B where it is beside it."""
    b = beside(session) if session.a is not None and family_of(session.a.request).denoisable else None
    return {letter: run for letter, run in (("A", session.a), ("B", b)) if run is not None and len(run.store)}


def pair(key: str, request: ReverseRequest, timesteps: int) -> tuple[ReverseRequest, ReverseRequest]:
    """A and B for comparison `key`, from the same x_T; the rest as in `request`, whose model has T = `timesteps`."""
    request = request if isinstance(request.start, Noise) else dataclasses.replace(request, start=Noise())
    match key:
        case "samplers":
            return (
                dataclasses.replace(request, sampler=Ddpm()),
                dataclasses.replace(request, sampler=Ddim(eta=0.0)),
            )
        case "guidance":
            told = dataclasses.replace(request, label=EACH if request.label == NO_CLASS else request.label)
            return dataclasses.replace(told, guidance=WEAK), dataclasses.replace(told, guidance=STRONG)
        case "steps":
            few, many = steps_of(timesteps)
            return dataclasses.replace(request, steps=few), dataclasses.replace(request, steps=many)
        case _:
            raise ValueError(f"unknown comparison {key!r}; one of {SAMPLERS}, {GUIDANCE}, {STEPS}")
