"""What is shown of a frame: panes, and one colour for one meaning.

Panes: which of a frame's arrays are shown as pictures, and what each is called, in the window and in exports.

One colour, one meaning, everywhere it appears: image frame, plot line, equation term, export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from diffviz.domain.frames import Frame
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb by meaning; see the table in CONTRIBUTING."""

    name: str
    ground: str
    panel: str
    field: str
    edge: str
    text: str
    quiet: str
    on_primary: str
    cursor: str
    noisy: str
    data: str
    noise: str
    beta: str
    alpha_bar: str
    generated: str
    loss: str
    error: str


DARK = Palette(
    name="dark",
    ground="#101218",
    panel="#171a21",
    field="#1f232c",
    edge="#262b36",
    text="#e8ebf2",
    quiet="#8d96a8",
    on_primary="#0b0d12",
    cursor="#5b9cff",
    noisy="#e8ebf2",
    data="#3ecf8e",
    noise="#ff7eb6",
    beta="#f5b83d",
    alpha_bar="#4cc9f0",
    generated="#ff8a4c",
    loss="#b69cff",
    error="#ff7a7a",
)
LIGHT = Palette(
    name="light",
    ground="#eef0f4",
    panel="#ffffff",
    field="#f4f5f8",
    edge="#d5d9e2",
    text="#171a21",
    quiet="#586174",
    on_primary="#ffffff",
    cursor="#1f62d0",
    noisy="#3a4152",
    data="#0d7a4c",
    noise="#c02672",
    beta="#8a5c00",
    alpha_bar="#06708f",
    generated="#b34a10",
    loss="#6a48c8",
    error="#c02a2a",
)
PALETTES: Mapping[str, Palette] = MappingProxyType({"dark": DARK, "light": LIGHT})

CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dark": (
            "#e69f00",
            "#56b4e9",
            "#1fc48f",
            "#f0e442",
            "#5b8def",
            "#ff7043",
            "#dd8fc0",
            "#c3c9d6",
            "#a58be8",
            "#a5d84e",
        ),
        "light": (
            "#a86f00",
            "#0b77b5",
            "#007a58",
            "#857a00",
            "#2f55c4",
            "#c43e00",
            "#a8447d",
            "#565d6b",
            "#6a48b8",
            "#4d7c0f",
        ),
    }
)
"""Colours of classes by theme, after Okabe & Ito 2008; each class has a glyph too, so that hue is not needed."""


def class_colour(palette: Palette, index: int) -> str:
    """Colour of class `index`; more classes than colours begin again with other glyphs."""
    colours = CLASSES[palette.name]
    return colours[index % len(colours)]


Range = tuple[float, float]
DATA_RANGE: Range = (-1.0, 1.0)
NOISE_RANGE: Range = (-3.0, 3.0)


class Role(Enum):
    """What a pane's array is: the given image at t = 0, x_t, true noise, or a network's estimate of either."""

    ORIGINAL = "original"
    NOISY = "noisy"
    NOISE = "noise"
    CLEAN_ESTIMATE = "clean estimate"
    NOISE_ESTIMATE = "noise estimate"


@dataclass(frozen=True, slots=True)
class Pane:
    """One array of a frame as a picture.

    `field` names the array; for the role ORIGINAL it is that of the run's frame at t = 0. `caption` is translated when
    shown, `colour` names a field of the palette, `value_range` are the values shown as black and as white.
    """

    field: str
    symbol: str
    caption: str
    colour: str
    value_range: Range
    role: Role


NOISY = Pane("x", "x_t", _("the noisy sample"), "noisy", DATA_RANGE, Role.NOISY)
CLEAN_ESTIMATE = Pane("x0", "x̂_0", _("its estimate of the clean image"), "data", DATA_RANGE, Role.CLEAN_ESTIMATE)
NOISE_ESTIMATE = Pane("eps", "ε̂", _("its estimate of all the noise"), "noise", NOISE_RANGE, Role.NOISE_ESTIMATE)

ORIGINAL = Pane("x", "x_0", _("the image, before any noise"), "data", DATA_RANGE, Role.ORIGINAL)
NOISED = Pane("x", "x_t", _("the noisy image"), "noisy", DATA_RANGE, Role.NOISY)
COMBINED_NOISE = Pane("noise", "ε̄_t", _("the noise of all steps so far, combined"), "noise", NOISE_RANGE, Role.NOISE)
STEP_NOISE = Pane("step_noise", "ε_t", _("the noise of this step alone"), "noise", NOISE_RANGE, Role.NOISE)
FIXED_NOISE = Pane("noise", "ε", _("one noise for every t"), "noise", NOISE_RANGE, Role.NOISE)
NOISE_GUESS = Pane(
    "eps_hat", "ε̂", _("the model's estimate of all the noise"), "noise", NOISE_RANGE, Role.NOISE_ESTIMATE
)
CLEAN_GUESS = Pane(
    "x0_hat", "x̂_0", _("the model's estimate of the clean image"), "data", DATA_RANGE, Role.CLEAN_ESTIMATE
)

SCALED_SYMBOL = "x_t/√(α²+σ²)"
"""What is shown of x_t where the variance is not preserved: with more and more noise x_t itself is all white."""
SCALED_CAPTIONS = {
    NOISY.caption: _("the noisy sample, brought to one variance"),
    NOISED.caption: _("the noisy image, brought to one variance"),
}

REVERSE: tuple[Pane, ...] = (NOISY, CLEAN_ESTIMATE, NOISE_ESTIMATE)


def labelled(panes: Sequence[Pane]) -> Pane | None:
    """The pane whose pictures a classifier is asked about and class names stand under: x̂0, else x_t."""
    order = (Role.CLEAN_ESTIMATE, Role.NOISY)
    return next((pane for role in order for pane in panes if pane.role is role), None)


def absent(frame: Frame, pane: Pane) -> bool:
    """Whether there is nothing to show in `pane`: noise, or its estimate, where x_t holds none and the array is 0."""
    if pane.role not in (Role.NOISE, Role.NOISE_ESTIMATE) or getattr(frame, "sigma", 1.0) != 0:
        return False
    return not frame.arrays()[pane.field].any()


ORIGINAL_KEY = "original"
DATA_LIMIT = DATA_RANGE[1]


@dataclass(frozen=True, slots=True)
class ExportPane:
    """One part of a frame that can be shown: field `key`, with values from −`limit` (black) to `limit` (white).

    `hue` names the colour of the palette that its label is written in. `drawing` says how it is drawn where the field
    is no pictures, a key of `diffviz.export.panes.DRAWINGS`. A `scaled` one is divided by √(α² + σ²).
    """

    key: str
    label: str
    limit: float = DATA_LIMIT
    hue: str = "noisy"
    drawing: str = ""
    scaled: bool = False

    @property
    def noise(self) -> bool:
        """Whether it shows noise, not data."""
        return self.limit != DATA_LIMIT


def exported(pane: Pane, key: str = "") -> ExportPane:
    """What the window shows as `pane`, under the same symbol and in the same colours."""
    return ExportPane(key or pane.field, pane.symbol, pane.value_range[1], pane.colour)


def axis_name(frame: Frame) -> str:
    """What the axis of runs of frames like `frame` is called below their plots."""
    return tr("step") if frame.axis == "step" else frame.axis


def stamp(frame: Frame) -> str:
    """Where `frame` stands, as a caption says it."""
    if frame.axis == "step":
        return tr("step {n}").format(n=f"{frame.position:g}")
    return f"{frame.axis} = {frame.position:.4g}"
