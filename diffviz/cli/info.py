"""`diffviz info`: versions, devices, folders, and which files can be written here."""

from __future__ import annotations

import argparse
from typing import Any

from diffviz import paths
from diffviz.cli.streams import print_json
from diffviz.domain.cards import card_among
from diffviz.domain.ideal import known_cards
from diffviz.domain.text import tr

DONE = 0


def add_parser(subparsers: Any) -> None:
    """Add `info`."""
    parser = subparsers.add_parser("info", help=tr("versions, devices, folders and formats"))
    parser.add_argument("--model", metavar="ID", help=tr("what is known of this model instead: its id or folder"))
    parser.add_argument("--json", action="store_true", help=tr("as JSON"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what is known of this installation, or of a model."""
    from diffviz.diagnostics import lines

    found = known_of(args.model) if args.model else known()
    if args.json:
        print_json(found)
    else:
        print("\n".join(lines(found)))
    return DONE


def known() -> dict[str, Any]:
    """What diagnostics tell, with the devices there are here."""
    from diffviz import diagnostics
    from diffviz.engine import device_context

    kinds = device_context.available()
    return diagnostics.known(device_context.describe(device_context.choose(kinds[0])), kinds)


def known_of(model: str) -> dict[str, Any]:
    """What the card of `model`, an id or a folder, says. Raises `ModelNotFound` or what is wrong with its card."""
    roots = paths.model_roots()
    card = card_among(model, roots, *known_cards(roots))
    return {
        "id": card.id,
        "name": card.name,
        "family": card.family,
        "folder": str(card.folder),
        "shape": " × ".join(map(str, card.shape)),
        "classes": list(card.classes),
        "parameters": card.parameters,
        "dataset": dict(card.dataset),
        "training": dict(card.training),
        "quality": dict(card.quality),
        "licence": card.licence,
    }
