"""Command-line options derived from the settings that requests declare."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from diffviz.domain.errors import DiffvizError
from diffviz.domain.settings import Setting, check, every_setting, settings_of, with_value
from diffviz.domain.text import tr

R = TypeVar("R")
DEPENDING = ("class", "format")
"""Settings whose default depends on the model, or on the file's name."""


class UsageError(DiffvizError):
    """A command line that cannot be followed; its text says why."""


def add_options(parser: argparse.ArgumentParser, request: type[Any], without: Collection[str] = ()) -> None:
    """One option for every setting of `request` but those named in `without`, over all its variants.

    Those not given are None.
    """
    for setting in (setting for setting in every_setting(request) if setting.name not in without):
        flag = f"--{setting.name}"
        help_ = " ".join((tr(setting.help), *_default(setting))).replace("%", "%%")
        if setting.kind is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=help_)
        else:
            parser.add_argument(
                flag, type=_type(setting), choices=setting.choices, default=None, metavar=_metavar(setting), help=help_
            )


def request_from(args: argparse.Namespace, base: R, convert: Mapping[str, Callable[[str], Any]] | None = None) -> R:
    """`base` with the options given in `args`.

    Raises `UsageError` for what does not apply and what is out of bounds.
    """
    given = {name: value for name, value in vars(args).items() if value is not None}
    base, used = _applied(base, given, convert or {})
    for setting in every_setting(type(base)):
        key = setting.name.replace("-", "_")
        if key in given and key not in used:
            raise UsageError(tr("--{name} does not apply to these settings.").format(name=setting.name))
    check(base)
    return base


def _applied(base: R, given: Mapping[str, Any], convert: Mapping[str, Callable[[str], Any]]) -> tuple[R, set[str]]:
    used: set[str] = set()
    while True:
        pending = [s for s in settings_of(base) if s.name.replace("-", "_") in given.keys() - used]
        if not pending:
            return base, used
        key = pending[0].name.replace("-", "_")
        value = convert[key](given[key]) if key in convert else given[key]
        base = with_value(base, pending[0].path, value)
        used.add(key)


def _default(setting: Setting) -> tuple[str, ...]:
    """What holds where the option is not given, where that is the same for every model."""
    value = setting.default
    if setting.name in DEPENDING or value in (None, "") or not isinstance(value, str | int | float):
        return ()
    shown = f"{value:g}" if isinstance(value, float) else value
    if isinstance(value, bool):
        shown = f"--{setting.name}" if value else f"--no-{setting.name}"
    return (tr("(default {value})").format(value=shown),)


def _type(setting: Setting) -> Callable[[str], Any]:
    return setting.kind if setting.kind in (int, float) else str


def _metavar(setting: Setting) -> str:
    if setting.choices is not None:
        return "{" + ",".join(setting.choices) + "}"
    return "X" if setting.kind in (int, float) else "TEXT"
