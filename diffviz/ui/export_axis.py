"""How the export form speaks of places on a run's axis: a timestep t, a share s of a path, a training step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from diffviz.domain.text import mark as _


@dataclass(frozen=True, slots=True)
class AxisWords:
    """Label and help (English, translated when shown) of each setting that is a place, by its name; label of the range.

    Places are written with `decimals`, and stepped by `step`.
    """

    range: str
    labels: Mapping[str, str]
    helps: Mapping[str, str]
    decimals: int = 0
    step: float = 1.0


AXIS_WORDS: Mapping[str, AxisWords] = MappingProxyType(
    {
        "t": AxisWords(
            _("Range of t"),
            {"at": _("At t"), "low": _("From t"), "high": _("To t")},
            {
                "at": _("Write the frame nearest to this t."),
                "low": _("Smallest t that is written."),
                "high": _("Largest t that is written."),
            },
        ),
        "s": AxisWords(
            _("Range of s"),
            {"at": _("At s"), "low": _("From s"), "high": _("To s")},
            {
                "at": _("Write the frame nearest to this share s of the path."),
                "low": _("Smallest share s of the path that is written."),
                "high": _("Largest share s of the path that is written."),
            },
            decimals=2,
            step=0.05,
        ),
        "step": AxisWords(
            _("Range of steps"),
            {"at": _("At step"), "low": _("From step"), "high": _("To step")},
            {
                "at": _("Write the frame nearest to this training step."),
                "low": _("First training step that is written."),
                "high": _("Last training step that is written."),
            },
        ),
    }
)
"""By `Frame.axis`."""
