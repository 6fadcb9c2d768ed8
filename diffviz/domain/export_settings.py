"""What an export can be asked for: formats, plots, settings, which frames of a run; and its progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, Usual, When, Within
from diffviz.domain.text import mark as _

Progress = Callable[[int, int], None]
"""Told (frames done, frames in all) before the first frame and after each; whatever it raises cancels the export."""


def unwatched(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "gif": "GIF",
        "apng": "APNG",
        "webp": _("WebP, lossless"),
        "mp4": "MP4",
        "png": _("One PNG"),
        "sequence": _("PNG sequence"),
        "sheet": _("Contact sheet"),
        "plot": _("Plots as PNG"),
        "svg": _("Plots as SVG"),
        "pdf": _("Plots as PDF"),
        "npz": _("Arrays (NPZ)"),
        "csv": _("Curves (CSV)"),
    }
)
ANIMATED = frozenset({"gif", "apng", "webp", "mp4"})
MOVING = ANIMATED | {"sequence"}
DRAWN = MOVING | {"png"}
PICTURED = DRAWN | {"sheet"}
FIGURES = frozenset({"plot", "svg", "pdf"})
PLOTTED = DRAWN | FIGURES
JOINED = PLOTTED | PICTURED
"""Formats in which runs can be shown beside each other."""
ORDERS: Mapping[str, str] = MappingProxyType({"run": _("as computed"), "reversed": _("reversed")})
GROUNDS: Mapping[str, str] = MappingProxyType({"dark": _("dark"), "light": _("light")})
PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "screen": _("screen"),
        "slide": _("slide, 1920 × 1080"),
        "square": _("square, 1080 × 1080"),
        "column": _("paper, a column"),
        "page": _("paper, the full width"),
    }
)
SMALLEST_SIDE, LARGEST_SIDE = 30.0, 1000.0
"""Millimetres."""
SLOWEST, FASTEST = 0.1, 60.0
FASTEST_GIF = 50.0
END = 1e10
USUAL = ("x",)
POSITIONS = (("at",), ("low",), ("high",))
"""The settings that are positions on a run's axis."""


def _among(formats: Set[str]) -> Callable[[Any], bool]:
    """Whether settings are for one of `formats`."""
    return lambda settings: settings.format in formats


@dataclass(frozen=True, slots=True)
class FigureMeasures:
    """What figures for a purpose have: width and height (0: as the plots need) in mm, letters in pt, dpi, ground."""

    width: float
    height: float
    letters: float
    dpi: int
    ground: str


MEASURES: Mapping[str, FigureMeasures] = MappingProxyType(
    {
        "screen": FigureMeasures(170.0, 0.0, 9.0, 192, "dark"),
        "slide": FigureMeasures(254.0, 142.875, 14.0, 192, "dark"),
        "square": FigureMeasures(142.875, 142.875, 11.0, 192, "dark"),
        "column": FigureMeasures(85.0, 0.0, 8.0, 600, "light"),
        "page": FigureMeasures(175.0, 0.0, 9.0, 600, "light"),
    }
)
"""By purpose: a slide of 16 : 9 with letters that are read from afar, and what journals print.

Pictures for the screen are as large as what is on them, with letters of `PICTURE_LETTERS` pixels.
"""
PICTURE_LETTERS = 15
LARGEST_LETTERS: Mapping[str, float] = MappingProxyType({"screen": 48.0, "slide": 18.0, "square": 18.0})
"""How large letters become with the interface, by purpose, so that panes and plots of two runs keep room."""


def _usual(name: str) -> Usual:
    """What the purpose asks for."""
    return Usual(lambda settings: getattr(MEASURES[settings.purpose], name))


def _usual_letters(settings: Any) -> float:
    """Those of the purpose, as much larger as a person has the interface; what is printed has its own."""
    own, most = MEASURES[settings.purpose].letters, LARGEST_LETTERS.get(settings.purpose)
    return round(min(own * settings.interface / 100, most), 1) if most else own


def _usual_ground(settings: Any) -> str:
    return MEASURES[settings.purpose].ground if settings.format in FIGURES | DRAWN else "dark"


def sized(settings: Any) -> bool:
    """Whether what is drawn has a width and a height of its own, and is not as large as what is on it."""
    return settings.format in FIGURES or (settings.format in DRAWN and settings.purpose != "screen")


def _enlarged(settings: Any) -> bool:
    return settings.format in PICTURED and not sized(settings)


def _in_pixels(settings: Any) -> bool:
    return sized(settings) and settings.format not in FIGURES - {"plot"}


def speeds(settings: Any) -> Bounds:
    """The frames per second that a film of the format of `settings` can have."""
    if settings.format == "gif":
        return Bounds(SLOWEST, FASTEST_GIF, step=1.0, why=_("a GIF shows a frame for 20 ms or longer"))
    return Bounds(SLOWEST, FASTEST, step=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """How frames are written. `at` None is the last frame; `panes` and `plots` are keys, in the order shown.

    `interface` is the size of the window's type in percent, from which follows how large letters are usually.
    """

    format: Annotated[str, Label(_("Format")), OneOf(FORMATS), Help(_("What is written."))] = "gif"
    panes: Annotated[
        tuple[str, ...],
        Label(_("Panes")),
        When(_among(PICTURED)),
        Help(
            _(
                "What is shown side by side, separated by commas: x, x0, eps of a reverse run; original, x, noise, "
                "step_noise, x0_hat, eps_hat of a forward run; plane, or fake, real of a GAN; x, learnt_x of particles."
            )
        ),
    ] = USUAL
    plots: Annotated[
        tuple[str, ...],
        Label(_("Plots")),
        When(_among(PLOTTED)),
        Help(
            _(
                "Plots below the panes, separated by commas: beta, alpha_bar, alpha_sigma, snr over t; nearest, "
                "sharpness, norm, cycle along a path; accuracy, losses, shares, gradient of a GAN; error of a network's"
                " score; terms, simple, total of an objective."
            )
        ),
    ] = ()
    caption: Annotated[
        bool,
        Label(_("Caption")),
        When(_among(DRAWN)),
        Help(_("Name the panes, and write the t of every frame.")),
    ] = False
    raw: Annotated[
        bool,
        Label(_("xₜ as it is")),
        When(_among(PICTURED)),
        Help(
            _(
                "Show xₜ itself, and not xₜ/√(α²+σ²), where the process does not preserve the variance: flow and "
                "variance exploding."
            )
        ),
    ] = False
    rows: Annotated[
        int,
        Label(_("Rows")),
        Bounds(1, 64),
        When(_among({"sheet"})),
        Help(_("How many timesteps a contact sheet shows, one in a row; its columns are the samples.")),
    ] = 8
    scale: Annotated[
        int,
        Label(_("Scale")),
        Bounds(0, 64),
        When(_enlarged),
        Help(_("Screen pixels per pixel of a sample, a whole number; 0 chooses one.")),
    ] = 0
    ground: Annotated[
        str,
        Label(_("Ground")),
        OneOf(GROUNDS),
        When(_among(PICTURED | PLOTTED)),
        Usual(_usual_ground),
        Help(_("Colour between the samples, and behind plots.")),
    ] = "dark"
    purpose: Annotated[
        str,
        Label(_("Purpose")),
        OneOf(PURPOSES),
        When(_among(PLOTTED)),
        Help(_("What it is for: this sets size, letters, resolution and ground, which can be changed.")),
    ] = "screen"
    width: Annotated[
        float,
        Label(_("Width")),
        Bounds(SMALLEST_SIDE, LARGEST_SIDE, step=5.0),
        When(sized),
        _usual("width"),
        Help(_("Width in millimetres.")),
    ] = MEASURES["screen"].width
    height: Annotated[
        float,
        Label(_("Height")),
        Bounds(0.0, LARGEST_SIDE, step=5.0),
        When(sized),
        _usual("height"),
        Help(_("Height in millimetres; 0 takes what is needed.")),
    ] = MEASURES["screen"].height
    letters: Annotated[
        float,
        Label(_("Letters")),
        Bounds(4.0, 48.0, step=0.5),
        When(_among(JOINED)),
        Usual(_usual_letters),
        Help(_("Size of the letters in points; lines grow with it.")),
    ] = MEASURES["screen"].letters
    dpi: Annotated[
        int,
        Label(_("Resolution")),
        Bounds(36, 1200),
        When(_in_pixels),
        _usual("dpi"),
        Help(_("Pixels in an inch.")),
    ] = MEASURES["screen"].dpi
    at: Annotated[
        float | None,
        Label(_("At t")),
        When(_among({"png"})),
        Help(_("Write the frame nearest to this t; the last one where it is not given.")),
    ] = None
    low: Annotated[
        float,
        Label(_("From t")),
        Bounds(0, END),
        Option("from"),
        When(_among(FORMATS.keys() - {"png"})),
        Help(_("Smallest t that is written.")),
    ] = 0.0
    high: Annotated[
        float,
        Label(_("To t")),
        Bounds(0, END),
        Option("to"),
        When(_among(FORMATS.keys() - {"png"})),
        Help(_("Largest t that is written.")),
    ] = END
    every: Annotated[
        int,
        Label(_("Every n-th")),
        Bounds(1, 4000),
        When(_among(MOVING | {"npz"})),
        Help(_("Write every n-th frame and the last one.")),
    ] = 1
    order: Annotated[
        str,
        Label(_("Order")),
        OneOf(ORDERS),
        When(_among(MOVING)),
        Help(_("Frames in the order they were computed, or the other way round.")),
    ] = "run"
    boomerang: Annotated[
        bool,
        Label(_("Boomerang")),
        When(_among(ANIMATED)),
        Help(_("There and back again.")),
    ] = False
    fps: Annotated[
        float,
        Label(_("Frames per second")),
        Bounds(SLOWEST, FASTEST, step=1.0),
        Within(speeds),
        When(_among(ANIMATED)),
        Help(_("How fast it plays: up to 60; a GIF, which shows a frame for 20 ms or longer, up to 50.")),
    ] = 20.0
    hold_first: Annotated[
        float,
        Label(_("Hold first")),
        Bounds(0.0, 60.0, step=0.5),
        When(_among(ANIMATED)),
        Help(_("Seconds that the first frame stays longer.")),
    ] = 0.5
    hold: Annotated[
        float,
        Label(_("Hold last")),
        Bounds(0.0, 60.0, step=0.5),
        When(_among(ANIMATED)),
        Help(_("Seconds that the last frame stays longer.")),
    ] = 2.0
    loop: Annotated[
        bool,
        Label(_("Loop")),
        When(_among(ANIMATED - {"mp4"})),
        Help(_("Begin again at the end, for ever.")),
    ] = True
    metadata: Annotated[
        bool,
        Label(_("Settings inside")),
        Help(_("Write the settings, the pictures it started from and the model's checksum into the file.")),
    ] = True
    interface: int = 100
