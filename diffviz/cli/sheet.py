"""`diffviz sheet`: a labelled contact sheet over seeds × guidance × η × sampler."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from diffviz.cli import export, streams
from diffviz.cli.run import (
    Cards,
    Counter,
    UsageError,
    add_common_options,
    computed,
    ended_by_signals,
    engine_for,
    request_from,
    say_written,
)
from diffviz.domain import messages, provenance, sampling
from diffviz.domain.arrays import U8, levels
from diffviz.domain.cards import Card
from diffviz.domain.engine import Engine
from diffviz.domain.requests import EACH, NO_CLASS, ReverseRequest
from diffviz.domain.settings import check, variant_key, with_value
from diffviz.domain.text import tr
from diffviz.families import plan_of

DONE = 0
MOST_RUNS = 400


def add_parser(subparsers: Any) -> None:
    """Add `sheet`."""
    parser = subparsers.add_parser("sheet", help=tr("a contact sheet over seeds, guidance, η and samplers"))
    parser.add_argument("out", metavar="OUT", type=Path, help=tr("a .png file"))
    parser.add_argument("--model", metavar="ID", help=tr("a model's id or folder; `diffviz models` lists them"))
    parser.add_argument("--seed", metavar="N", type=int, nargs="+", default=[42], help=tr("seeds, side by side"))
    parser.add_argument("--guidance", metavar="S", type=float, nargs="+", default=[1.0], help=tr("guidance scales"))
    parser.add_argument("--eta", metavar="X", type=float, nargs="+", help=tr("η of samplers that have one"))
    parser.add_argument("--sampler", choices=tuple(sampling.SAMPLERS), nargs="+", default=["ddim"], help=tr("samplers"))
    about = tr("process of an ideal denoiser; a network runs on its own")
    parser.add_argument("--schedule", choices=tuple(sampling.NETWORK_OR), default=None, help=about)
    parser.add_argument("--steps", metavar="N", type=int, default=50, help=tr("timesteps of every run"))
    parser.add_argument(
        "--samples", metavar="N", type=int, help=tr("samples of every run; one of each class if left out")
    )
    parser.add_argument("--class", metavar="NAME", help=tr("a class, each or none"))
    parser.add_argument("--scale", metavar="N", type=int, default=2, help=tr("screen pixels per pixel of a sample"))
    parser.add_argument("--ground", choices=("dark", "light"), default="dark", help=tr("colour between the samples"))
    parser.add_argument("--json", action="store_true", help=tr("print what was written as JSON"))
    add_common_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compute and write the sheet that `args` describe; 0 when it stands."""
    from diffviz.domain.atomic import check_target
    from diffviz.export import lossless

    cards = export.cards_for(args, "model")
    rows = list(requests_of(args, export.diffusion_card(args.model, cards), cards))
    _check_name(args)
    check_target(args.out)
    engine = engine_for(args, cards)
    with ended_by_signals(), Counter(args.quiet) as counter:
        made = [_row(engine, requests, cards, counter) for _, requests in rows]
        first = rows[0][1]
        samples = first[0].samples
        columns = tuple(f"{n + 1}" if samples > 1 else "" for n in range(samples)) * len(first)
        groups = tuple(tr("seed {n}").format(n=request.seed) for request in first)
        sheet = lossless.ContactSheet(tuple(name for name, _ in rows), columns, tuple(made), groups)
        picture = lossless.drawn(sheet, args.scale, args.ground)
        lossless.write_one(
            picture, args.out, provenance.encoded(provenance.record_of(first[0], {}, cards)), lambda *_: None
        )
    if not args.quiet:
        say_written(args.out)
    if args.json:
        streams.print_json(
            {"path": str(args.out.resolve()), "rows": [name for name, _ in rows], "columns": groups}, indent=None
        )
    return DONE


def requests_of(args: argparse.Namespace, card: Card, cards: Cards) -> Iterator[tuple[str, list[ReverseRequest]]]:
    """The name and the requests of every row: one for each seed. Raises what is wrong with any of them."""
    combinations = list(_combinations(args, card))
    if len(combinations) * len(args.seed) > MOST_RUNS:
        raise UsageError(tr("A sheet has at most {n} runs.").format(n=MOST_RUNS))
    for request in combinations:
        row = [dataclasses.replace(request, seed=seed) for seed in args.seed]
        for each in row:
            plan_of(each, cards)
        yield _name(request), row


def _combinations(args: argparse.Namespace, card: Card) -> Iterator[ReverseRequest]:
    """Every sampler with every guidance, and with every η where it has one."""
    wanted = vars(args)["class"]
    label = export.class_of(wanted, card.classes) if wanted else EACH if card.conditional else NO_CLASS
    samples = args.samples or (len(card.classes) if label == EACH and len(card.classes) <= 10 else 4)
    plain = ReverseRequest(model=card.id, steps=args.steps, label=label, samples=samples)
    base = request_from(argparse.Namespace(schedule=args.schedule), plain)
    for sampler, guidance in product(args.sampler, args.guidance):
        request = dataclasses.replace(with_value(base, ("sampler",), sampler), guidance=guidance)
        if args.eta and hasattr(request.sampler, "eta"):
            yield from (_checked(with_value(request, ("sampler", "eta"), eta)) for eta in args.eta)
        else:
            yield _checked(request)


def _checked(request: ReverseRequest) -> ReverseRequest:
    check(request)
    return request


def _name(request: ReverseRequest) -> str:
    parts = [tr(sampling.names_for(request)[variant_key(sampling.SAMPLERS, request.sampler)])]
    if (eta := getattr(request.sampler, "eta", None)) is not None:
        parts.append(f"η = {eta:g}")
    return "  ".join((*parts, tr("guidance {s}").format(s=f"{request.guidance:g}")))


def _row(engine: Engine, requests: Sequence[ReverseRequest], cards: Cards, counter: Counter) -> tuple[U8, ...]:
    """The samples of `requests` at t = 0, one after the other."""
    cells: list[U8] = []
    for request in requests:
        images = levels(computed(engine, request, messages.RunInputs(), cards, counter)[-1].arrays()["x"])
        cells += [np.ascontiguousarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)) for image in images]
    return tuple(cells)


def _check_name(args: argparse.Namespace) -> None:
    if args.out.suffix.lower() != ".png":
        raise UsageError(tr("{name} has to end in .png.").format(name=args.out))
    if not 1 <= args.scale <= 64:
        raise UsageError(tr("--scale lies between 1 and {n}.").format(n=64))
