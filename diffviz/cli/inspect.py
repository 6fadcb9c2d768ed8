"""`diffviz inspect`: what a model is, whoever wrote it, and what is wrong with it."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diffviz import paths
from diffviz.cli import streams
from diffviz.domain import inspection
from diffviz.domain.cards import card_named
from diffviz.domain.inspection import Inspection, NetworkPart
from diffviz.domain.text import tr
from diffviz.domain.weights_file import shape_words
from diffviz.families.naming import process_words

DONE, FAILED = 0, 1
DEPTH = 2


def add_inspect_parser(subparsers: Any) -> None:
    """Add `inspect`."""
    parser = subparsers.add_parser("inspect", help=tr("what a model is, whoever wrote it, and what is wrong with it"))
    what = tr("a model's folder, its card or its weights, of this program or of diffusers; or a model's id")
    parser.add_argument("path", metavar="PATH", type=Path, help=what)
    about = tr("how far the tree of its blocks goes")
    parser.add_argument("--depth", metavar="N", type=int, default=DEPTH, help=about)
    parser.add_argument(
        "--heads",
        action="store_true",
        help=tr("do not read the weights themselves, which may take long: only what the files say of them"),
    )
    parser.add_argument("--json", action="store_true", help=tr("as JSON"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what is known of the model at `args.path`; 0 where nothing is wrong with it."""
    found = inspection.inspect(_folder(args.path))
    if found.card is not None and not args.heads:
        found = dataclasses.replace(found, problems=(*found.problems, *_faults(found)))
    if args.json:
        streams.print_json(inspection.as_json(found))
    else:
        print("\n".join(lines(found, args.depth)))
    return FAILED if found.problems else DONE


def _folder(path: Path) -> Path:
    """`path`, or the folder of the model with that id where there is no such file or folder."""
    if paths.exists(path) or len(path.parts) != 1:
        return path
    return card_named(str(path), paths.model_roots()).folder


def lines(found: Inspection, depth: int) -> Iterator[str]:
    """What is known, the tree of its blocks, what is to be known, and what is wrong, for a person to read."""
    process = found.facts.get("process")
    told = dict(inspection.words(found.facts, process_words(process) if process else ""))
    width = max(map(len, told), default=0)
    yield str(found.path)
    yield from (f"  {name:{width}}  {value}" for name, value in told.items())
    yield from (line for block in found.blocks for line in _tree(block, depth))
    for title, texts in ((tr("To be known"), found.notes), (tr("Wrong"), found.problems)):
        yield from ([title, *(f"  – {text}" for text in texts)] if texts else ())


def _tree(block: NetworkPart, depth: int, indent: int = 1) -> Iterator[str]:
    shape = f"  {shape_words(block.shape)}" if block.shape is not None else ""
    yield f"{'  ' * indent}{block.name}  {block.parameters:,}{shape}"
    if depth > indent:
        yield from (line for inside in block.blocks for line in _tree(inside, depth, indent + 1))


def _faults(found: Inspection) -> Iterator[str]:
    """What is wrong with the numbers."""
    from diffviz.engine.zoo import faults

    assert found.card is not None, "only a card that was read has numbers to look into"
    yield from faults(found.card)
