"""What the commands that compute have in common: a run without a window, its progress, and ending when told to."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from diffviz import paths
from diffviz.cli.progress import TOLD_TO_END, Counter, on_signals
from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.frames import Frame
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Request
from diffviz.domain.store import Budget, FrameStore
from diffviz.domain.text import tr
from diffviz.export.run_info import RunInfo, about_of
from diffviz.families import plan_of

DEVICES = ("auto", "cuda", "mps", "cpu")
Cards = Mapping[str, Card]


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Options of every command that computes."""
    # suppressed where it is not given: the same option before the subcommand then holds
    parser.add_argument("--device", choices=DEVICES, default=argparse.SUPPRESS, help=tr("where to compute"))
    parser.add_argument("--quiet", action="store_true", help=tr("no progress"))


def engine_for(args: argparse.Namespace, cards: Cards) -> Engine:
    """The engine, on the device that `args` ask for."""
    from diffviz.engine.engine import LocalEngine

    return LocalEngine(cards, getattr(args, "device", "") or "auto")


def computed(engine: Engine, request: Request, materials: RunInputs, cards: Cards, counter: Counter) -> FrameStore:
    """The frames of `request`."""
    plan = plan_of(request, cards)
    store = FrameStore(Budget(spill=paths.cache_home() / "frames"))
    for item in engine.frames(request, materials, plan):
        if isinstance(item, Frame):
            store.append(item)
            counter.show(tr("computing"), len(store), len(plan.positions))
    return store


def about(engine: Engine, request: Request, materials: RunInputs, cards: Cards) -> RunInfo:
    """What a file is to say of the run of `request`."""
    device = engine.warm_up(None).kind if getattr(request, "model", None) else ""
    return about_of(request, materials.images, cards, device)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Being told to end, or losing the terminal, is an interruption like Ctrl-C: half a file is removed on the way."""

    def stop() -> None:
        raise KeyboardInterrupt

    with on_signals(stop, TOLD_TO_END):
        yield
