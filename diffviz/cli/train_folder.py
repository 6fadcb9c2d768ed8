"""The folder that a training writes its model into: what may lie in it, what its card says, how it is opened."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from diffviz import paths
from diffviz.cli.settings_args import UsageError
from diffviz.domain.cards import CARD, Card, read_card
from diffviz.domain.text import tr

SHOWN_BY: Mapping[str, str] = {"diffusion": "reverse x.png", "planar": "planar x.gif"}
"""What `diffviz export` takes to show a model of a kind, where that needs nothing else."""
OWN_LICENCE = "MIT"


def add_card_options(parser: argparse.ArgumentParser) -> None:
    """Add what a person says of the model."""
    parser.add_argument("--name", default="", help=tr("name of the model, as menus show it"))
    parser.add_argument("--licence", default="", metavar="TEXT", help=tr("licence of the model, as menus show it"))


def check_apart(data: Path, out: Path) -> None:
    """Raise `UsageError` where the model would lie among the `data`, or these in its folder."""
    if not paths.exists(data):
        return
    one, other = data.resolve(), out.resolve()
    if one == other or one in other.parents or other in one.parents:
        text = tr("The model cannot be written to {out}: choose a folder apart from the data in {data}.")
        raise UsageError(text.format(out=out, data=data))


def name_and_licence(args: argparse.Namespace, data: str) -> tuple[str, str]:
    """What is given; else what the model to continue has; else the folder's name, and the licence of data of ours.

    `data` is the file or folder trained on, empty where it ships with the program.
    """
    stored = _stored(args.out) if args.resume else None
    if stored is not None:
        return args.name or stored.name, args.licence or stored.licence
    return args.name or args.out.resolve().name, args.licence or (OWN_LICENCE if _ours(data) else "")


def say_trained(out: Path, name: str, family: str) -> None:
    """Say on stderr where the model is, and how it is seen."""
    print(tr("Written: {name} ({path})").format(name=name, path=out), file=sys.stderr)
    if family in SHOWN_BY:
        command = f"diffviz export {SHOWN_BY[family]} --model {shlex.quote(str(out))}"
        print(tr("See what it makes: {command}").format(command=command), file=sys.stderr)
    if out.resolve().parent == paths.user_models().resolve():
        print(tr("The window has it in its list of models."), file=sys.stderr)
    else:
        command = f"diffviz {shlex.quote(str(out))}" if "/" in str(out) else f"diffviz open {shlex.quote(str(out))}"
        print(tr("See it in the window: {command}").format(command=command), file=sys.stderr)


def _stored(out: Path) -> Card | None:
    return read_card(out) if (out / CARD).is_file() else None


def _ours(data: str) -> bool:
    return not data or paths.resources().resolve() in Path(data).resolve().parents
