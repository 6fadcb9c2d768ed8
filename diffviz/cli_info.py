"""`diffviz info`: versions, devices, folders, and which files can be written here."""

from __future__ import annotations

import argparse
import platform
from typing import Any

from diffviz import paths
from diffviz.cli_output import print_json
from diffviz.domain.cards import card_among
from diffviz.domain.ideal import known_cards
from diffviz.domain.recording import versions
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
    found = known_of(args.model) if args.model else known()
    if args.json:
        print_json(found)
    else:
        print("\n".join(_lines(found)))
    return DONE


def known() -> dict[str, Any]:
    """Versions, devices, folders, models and formats, by name."""
    from PySide6 import __version__ as qt

    from diffviz.engine import devices
    from diffviz.export.formats import FORMATS

    kinds = devices.available()
    device = devices.describe(devices.choose(kinds[0]))
    cards, damaged = known_cards(paths.model_roots())
    return {
        "versions": {**versions(), "PySide6": qt},
        "system": platform.platform(),
        "devices": list(kinds),
        "device": {"kind": device.kind, "name": device.name, "threads": device.threads},
        "folders": {
            "program": str(paths.data_root()),
            "models": str(paths.user_models()),
            "settings": str(paths.config_home()),
            "cache": str(paths.cache_home()),
        },
        "models": sorted(cards),
        "damaged": sorted(damaged),
        "formats": {name: kind.missing() for name, kind in FORMATS.items()},
    }


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


def _lines(found: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in found.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}", *_lines(value, indent + "  ")]
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            lines.append(f"{indent}{name:<{16 - len(indent)}}{text or '✓' if indent else text}")
    return lines
