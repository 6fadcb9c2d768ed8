"""`diffviz evaluate`: measures a model's quality, prints it, and writes it into the card when asked to."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from diffviz import paths
from diffviz.cli.data import data_for, say_data
from diffviz.cli.run import Counter, UsageError, add_options, ended_by_signals, request_from
from diffviz.cli.streams import print_json
from diffviz.domain import errors, planar
from diffviz.domain.cards import Card, card_named, find_cards, read_card
from diffviz.domain.evaluation import ClassifierAccuracy, EvaluateRequest, Quality, Share
from diffviz.domain.text import tr

if TYPE_CHECKING:
    from diffviz.engine.datasets import TrainingSet
    from diffviz.engine.evaluation import Judge, Progress

INTERRUPTED = 130
SWEEP_SAMPLES = 400
DIFFUSION, FACES = "diffusion", "faces"


def add_parser(subparsers: Any) -> None:
    """Add `evaluate`."""
    parser = subparsers.add_parser("evaluate", help=tr("measure the quality of a model's samples"))
    parser.add_argument("model", nargs="+", help=tr("ids of models of the same data, or their folders"))
    parser.add_argument("--data", type=Path, metavar="PATH", help=tr("the data it was trained on, with its test part"))
    parser.add_argument(
        "--classifier", default="", help=tr("id or folder of the classifier; that of the same data if left out")
    )
    parser.add_argument(
        "--sweep",
        type=float,
        nargs="+",
        metavar="S",
        help=tr("choose the guidance among these scales, with another seed"),
    )
    parser.add_argument("--threads", type=int, default=0, help=tr("CPU threads; 0 leaves it to torch"))
    parser.add_argument("--write", action="store_true", help=tr("write the figures into the model's card"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON"))
    parser.add_argument("--quiet", action="store_true", help=tr("no progress"))
    add_options(parser, EvaluateRequest)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure as `args` say; 0 when done, 130 when interrupted (nothing is written)."""
    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    try:
        with ended_by_signals():
            for card in [card_named(model, paths.model_roots()) for model in args.model]:
                _measure(card, args)
    except KeyboardInterrupt:
        print("\n" + tr("Interrupted; the card of the model being measured was left as it was."), file=sys.stderr)
        return INTERRUPTED
    return 0


def _measure(card: Card, args: argparse.Namespace) -> None:
    quality = _KINDS.get(_kind(card, args), _diffusion)(card, args)
    if args.write:
        _write(card, quality)
    if args.json:
        print_json(quality)
    else:
        print(table(quality))


def _kind(card: Card, args: argparse.Namespace) -> str:
    """How the model of `card` is measured: a key of `_KINDS`, or its family. Raises `UsageError` without data."""
    from diffviz.engine.generator_evaluation import are_faces

    if card.family == DIFFUSION and not args.classifier and are_faces(card):
        return FACES
    if args.data is None and card.family != planar.FAMILY:
        raise UsageError(tr("--data is needed: the data it was trained on, with its test part."))
    return card.family


SHOWN_AS: Mapping[str, str] = MappingProxyType({"sharpness": "relative_sharpness"})
"""Figures that cards call as something else is called elsewhere: this one is a share of real images' sharpness."""


def table(quality: dict[str, Any], indent: str = "") -> str:
    """Figures as lines of name and value, groups indented."""
    lines = []
    for key, value in quality.items():
        name = SHOWN_AS.get(key, key)
        if isinstance(value, dict):
            lines += [f"{indent}{name}", table(value, indent + "  ")]
        else:
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            lines.append(f"{indent}{name:<{24 - len(indent)}}{text}")
    return "\n".join(lines)


def _classifier(card: Card, args: argparse.Namespace) -> dict[str, Any]:
    from diffviz.engine.evaluation import accuracy
    from diffviz.engine.nets.unet import Classifier
    from diffviz.engine.zoo import load_net

    net = load_net(card)
    assert isinstance(net, Classifier), "a classifier's card describes a classifier"
    return dataclasses.asdict(accuracy(net, _data(args, "test", card)))


def _diffusion(card: Card, args: argparse.Namespace) -> dict[str, Any]:
    from diffviz.engine.evaluation import evaluate
    from diffviz.engine.tensors import channels_last
    from diffviz.engine.zoo import load_net

    if card.schedule is None:
        raise UsageError(tr("{model} is neither a diffusion model nor a classifier.").format(model=card.id))
    request = _request(args)
    judge = _judge(card, args)
    net = channels_last(load_net(card))
    chosen: dict[str, Any] = {}
    if args.sweep:
        request, chosen = _swept(net, card, judge, request, args)
    [quality] = _shown(evaluate(net, card, judge, request), quiet=args.quiet)
    return {**_plain(quality), **chosen}


def _faces(card: Card, args: argparse.Namespace) -> dict[str, Any]:
    from diffviz.engine.generator_evaluation import best, evaluate_faces, judge_of, sweep
    from diffviz.engine.tensors import channels_last
    from diffviz.engine.zoo import load_net

    if args.judged is not None:
        raise UsageError(tr("All samples of {model} are counted: --judged does not apply.").format(model=card.id))
    request, chosen = _request(args), {}
    judge, net = judge_of(args.data), channels_last(load_net(card))
    if args.sweep:
        trial = dataclasses.replace(request, seed=request.seed + 1, samples=min(SWEEP_SAMPLES, request.samples))
        found = _shown(sweep(net, card, judge, trial, args.sweep), quiet=args.quiet)
        scales = {
            f"{q.guidance:g}": {"valid": q.faces.valid.value, "as_asked": _value(q.faces.as_asked)} for q in found
        }
        chosen = {"guidance_chosen_among": {"seed": trial.seed, "samples": trial.samples, "scales": scales}}
        request = dataclasses.replace(request, guidance=best(found).guidance)
    [quality] = _shown(evaluate_faces(net, card, judge, request), quiet=args.quiet)
    return {**dataclasses.asdict(quality), **chosen}


def _value(share: Share | None) -> float | None:
    return share.value if share else None


def _planar(card: Card, args: argparse.Namespace) -> dict[str, Any]:
    from diffviz.engine.evaluation import evaluate_planar

    if args.sweep or args.guidance is not None or args.judged is not None:
        raise UsageError(tr("{model} takes no guidance, and nothing judges it.").format(model=card.id))
    return evaluate_planar(card, _request(args))


def _autoencoder(card: Card, args: argparse.Namespace) -> dict[str, Any]:
    import torch

    from diffviz.engine.families.path import Autoencoder
    from diffviz.engine.generator_evaluation import evaluate
    from diffviz.engine.tensors import channels_last
    from diffviz.engine.zoo import load_net

    request = _request(args)
    if _samples_in_steps(args):
        raise UsageError(tr("{model} takes no sampler, no guidance and no steps.").format(model=card.id))
    model = Autoencoder.of(card, channels_last(load_net(card)), torch.device("cpu"))
    [quality] = _shown(evaluate(model, _judge(card, args), request), quiet=args.quiet)
    plain = dataclasses.asdict(quality)
    return {name: value for name, value in plain.items() if value is not None}


def _gan(card: Card, args: argparse.Namespace) -> dict[str, Any]:
    from diffviz.engine.generator_evaluation import evaluate_gan
    from diffviz.engine.nets.generators import Gan
    from diffviz.engine.zoo import load_net

    request = _request(args)
    if _samples_in_steps(args):
        raise UsageError(tr("{model} takes no sampler, no guidance and no steps.").format(model=card.id))
    net = load_net(card)
    if not isinstance(net, Gan) or net.config.planar:
        raise UsageError(tr("{model} does not make images.").format(model=card.id))
    [quality] = _shown(evaluate_gan(net, _judge(card, args), request), quiet=args.quiet)
    plain = dataclasses.asdict(quality)
    plain["frechet"]["ratio"] = quality.frechet.ratio
    return plain


def _samples_in_steps(args: argparse.Namespace) -> bool:
    """Whether something was asked for that only a diffusion model has."""
    asked = (args.sampler, args.eta, args.variance, args.guidance, args.steps)
    return bool(args.sweep) or any(value is not None for value in asked)


def _swept(
    net: Any, card: Card, judge: Judge, request: EvaluateRequest, args: argparse.Namespace
) -> tuple[EvaluateRequest, dict[str, Any]]:
    """`request` with the best of the scales in `args`, found with other samples than those that will be reported."""
    from diffviz.engine.evaluation import best, sweep

    count = min(SWEEP_SAMPLES, request.samples)
    trial = dataclasses.replace(request, seed=request.seed + 1, samples=count, judged=min(count, request.judged))
    found = _shown(sweep(net, card, judge, trial, args.sweep), quiet=args.quiet)
    lines = {
        f"{q.guidance:g}": {"recognised": q.recognised.value, "frechet": round(q.frechet.samples, 4)} for q in found
    }
    about = {"seed": trial.seed, "samples": count, "scales": lines}
    return dataclasses.replace(request, guidance=best(found).guidance), {"guidance_chosen_among": about}


def _judge(card: Card, args: argparse.Namespace) -> Judge:
    """The judge of `card`'s images; the last one is kept, since its features of all real images take long."""
    key = (args.data, args.classifier, str(card.dataset.get("name")), card.shape)
    if key not in _judges:
        _judges.clear()
        _judges[key] = _new_judge(card, args)
    return _judges[key]


_judges: dict[tuple[Path, str, str, tuple[int, int, int]], Judge] = {}


def _new_judge(card: Card, args: argparse.Namespace) -> Judge:
    from diffviz.engine.evaluation import Judge
    from diffviz.engine.nets.unet import Classifier
    from diffviz.engine.zoo import load_net

    found = (
        card_named(args.classifier, paths.model_roots())
        if args.classifier
        else _classifier_of(str(card.dataset.get("name")))
    )
    net = load_net(found)
    if not isinstance(net, Classifier) or found.shape != card.shape:
        raise UsageError(tr("{model} is not a classifier of such images.").format(model=found.id))
    return Judge(found.id, net, _data(args, "train", found), _data(args, "test", found))


def _data(args: argparse.Namespace, split: str, card: Card) -> TrainingSet:
    data = data_for(args.data, split, card)
    say_data(data, quiet=args.quiet)
    return data


Figures = TypeVar("Figures")


def _shown(items: Iterator[Progress | Figures], *, quiet: bool) -> list[Figures]:
    """The figures among `items`; progress goes to stderr, unless `quiet`."""
    from diffviz.engine.evaluation import Progress

    found = []
    with Counter(quiet) as counter:
        for item in items:
            if isinstance(item, Progress):
                counter.show(tr("samples"), item.done, item.total)
            else:
                found.append(item)
    return found


def _request(args: argparse.Namespace) -> EvaluateRequest:
    own = {"model", "data", "classifier", "sweep", "threads", "write", "json", "quiet", "run", "command"}
    return request_from(argparse.Namespace(**{k: v for k, v in vars(args).items() if k not in own}), EvaluateRequest())


def _classifier_of(dataset: str) -> Card:
    cards, _ = find_cards(paths.model_roots())
    for card in cards.values():
        if card.family == "classifier" and card.dataset.get("name") == dataset:
            return card
    raise UsageError(
        tr(
            "There is no classifier of “{data}”: train one (diffviz train classifier) or name one with --classifier."
        ).format(data=dataset)
    )


def _plain(quality: Quality | ClassifierAccuracy) -> dict[str, Any]:
    plain = dataclasses.asdict(quality)
    if isinstance(quality, Quality):
        plain["frechet"]["ratio"] = quality.frechet.ratio
    return plain


def _write(card: Card, quality: dict[str, Any]) -> None:
    """Write `quality` into the card. Raises `ModelChanged` where the model is no longer the one that was measured."""
    from diffviz.engine.zoo import save_card

    if card.foreign:
        raise UsageError(tr("{model} has no card of this program to write to: leave out --write").format(model=card.id))
    if read_card(card.folder).sha256 != card.sha256:
        raise errors.ModelChanged(card.folder)
    save_card(card.folder, {**card.raw, "quality": quality})


_KINDS: dict[str, Callable[[Card, argparse.Namespace], dict[str, Any]]] = {
    "classifier": _classifier,
    "vae": _autoencoder,
    "ae": _autoencoder,
    "gan": _gan,
    planar.FAMILY: _planar,
    FACES: _faces,
}
