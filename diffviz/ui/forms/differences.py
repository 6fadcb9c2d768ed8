"""What sets the settings of one request apart from those of another, in words."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.gan import GanRequest, planar
from diffviz.domain.mathtext import plain
from diffviz.domain.requests import Request
from diffviz.domain.settings import settings_of, value_at
from diffviz.domain.text import tr

UNSAID = ("steps", "every")


def needs_fresh_networks(before: object, after: GanRequest) -> bool:
    """Whether a training with the settings `after` cannot go on with the networks of the request `before`."""
    if not isinstance(before, GanRequest):
        return True
    same = before.capacity == after.capacity and (before.generator == after.generator or not planar(after))
    points = planar(before) and planar(after)
    return not same or not (points or before.data == after.data)


def changes(before: Request, after: Request) -> tuple[str, ...]:
    """The settings that differ, as a person reads them: "R1 1.00"."""
    said = []
    for setting in settings_of(after, every=True):
        if setting.path[0] in UNSAID:
            continue
        try:
            old, new = value_at(before, setting.path), value_at(after, setting.path)
        except AttributeError:
            continue
        if old != new:
            said.append(f"{plain(tr(setting.label))} {_written(setting.choices, new)}")
    return tuple(said)


def _written(choices: Mapping[str, str] | None, value: object) -> str:
    if choices is not None:
        return tr(choices[str(value)])
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return f"{value:g}" if isinstance(value, int | float) else str(value)
