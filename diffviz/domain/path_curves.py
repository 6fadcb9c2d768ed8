"""The figures along a latent path: the one place that says what they are called, for the window, files and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from diffviz.domain.text import mark as _


@dataclass(frozen=True, slots=True)
class PathCurve:
    """The figure of a field of `PathFrame`: its symbol or name, what it says, and more for a tooltip (English).

    `on` says whether its plot is shown at first.
    """

    label: str
    title: str
    more: str
    on: bool = False


PATH_CURVES: Mapping[str, PathCurve] = MappingProxyType(
    {
        "nearest": PathCurve(
            "d_{real}",
            _("distance to the nearest real image in the classifier's features"),
            _("In the classifier's features, over the sample pictures: a distance in pixels would reward blur."),
            on=True,
        ),
        "sharpness": PathCurve(
            _("sharpness"),
            _("sharpness of the decoded image, ‖∇²x′‖"),
            _("Root mean square of the discrete Laplacian; speckle has much of it too."),
            on=True,
        ),
        "norm": PathCurve(
            "‖z‖",
            _("distance from the origin"),
            _("Distance from the origin: N(0, I) in D dimensions has a norm of about √D for large D."),
        ),
        "cycle": PathCurve(
            "‖E(D(z))−z‖",
            _("distance of the decoded image's own code from z"),
            _("How far the decoded image's own code is from the point it was decoded from."),
        ),
    }
)
