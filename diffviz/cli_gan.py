"""What the commands on GANs have in common: which data, which preset; and `diffviz export gan`."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffviz.cli.settings_args import UsageError, add_options, request_from
from diffviz.domain import samples
from diffviz.domain.cards import Card
from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.gan import DATA, Drawn, GanRequest, Pictures
from diffviz.domain.gan_presets import PRESETS
from diffviz.domain.messages import RunInputs
from diffviz.domain.settings import every_setting
from diffviz.domain.text import mark, tr

SETTINGS = frozenset(setting.name.replace("-", "_") for setting in every_setting(GanRequest))


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add `--data`: a kind of points, a bundled data set, or a folder."""
    parser.add_argument(
        "--data",
        metavar="DATA",
        default=None,
        help=tr("ring, lattice, moons or roll; the name of a bundled data set; or a folder of images with a test part"),
    )


def add_gan_options(parser: argparse.ArgumentParser) -> None:
    """Options that say which training is exported; the frames that come of it are all written."""
    add_data_option(parser)
    parser.add_argument("--preset", choices=tuple(PRESETS), default=None, help=tr("begin with these settings"))
    parser.add_argument(
        "--point",
        metavar="X,Y",
        action="append",
        help=tr("a Gaussian to learn there; can be repeated: --point=-1,0.5 --point=2,1"),
    )
    add_options(parser, GanRequest, without=("data",))


def gan_run(args: argparse.Namespace, _cards: Mapping[str, Card]) -> tuple[GanRequest, RunInputs]:
    """The training that `args` describe. Raises what is wrong with them."""
    base = PRESETS[args.preset].request if args.preset else GanRequest()
    if args.point and args.data:
        raise UsageError(tr("--point excludes --data."))
    if args.point:
        base = dataclasses.replace(base, data=Drawn(tuple(map(_plane_point, args.point))))
    elif args.data:
        base = dataclasses.replace(base, data=data_named(args.data))
    given = {name: value for name, value in vars(args).items() if name in SETTINGS - {"data"}}
    return request_from(argparse.Namespace(**given), base), RunInputs()


def export_arguments(args: argparse.Namespace) -> argparse.Namespace:
    """`args` without the settings of the training: --every says where frames come, and all of them are written."""
    return argparse.Namespace(**{name: value for name, value in vars(args).items() if name not in SETTINGS})


def data_named(text: str) -> Any:
    """The data that `text` names. Raises `DataUnsuitable`."""
    kinds: Mapping[str, type[Any]] = {key: cls for key, cls in DATA.items() if key not in ("pictures", "drawn")}
    if text in kinds:
        return kinds[text]()
    if samples.has(text):
        return Pictures(text.casefold())
    if not Path(text).exists():
        raise DataUnsuitable(Path(text), mark("there is no such file or folder, and no such data set"))
    return Pictures("", str(Path(text).resolve()))


def _plane_point(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = math.nan
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UsageError(tr("--point takes two numbers with a comma between them, not {text}.").format(text=text))
    return x, y
