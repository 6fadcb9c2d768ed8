"""What an export can be asked for: its formats and plots, and its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain.path_curves import PATH_CURVES
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, When, Within
from diffviz.domain.text import mark as _

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
        "npz": _("Arrays (NPZ)"),
        "csv": _("Curves (CSV)"),
    }
)
ANIMATED = frozenset({"gif", "apng", "webp", "mp4"})
MOVING = ANIMATED | {"sequence"}
DRAWN = MOVING | {"png"}
PICTURED = DRAWN | {"sheet"}
PLOTTED = DRAWN | {"plot", "svg"}
PLOTS: Mapping[str, str] = MappingProxyType(
    {
        "beta": "β_t",
        "alpha_bar": "ᾱ_t",
        "snr": "SNR",
        **{key: curve.label for key, curve in PATH_CURVES.items()},
        "accuracy": _("accuracy"),
        "losses": _("losses"),
        "shares": _("shares"),
        "gradient": _("gradient"),
        "error": _("score error"),
        "terms": _("terms"),
        "simple": _("simple loss"),
        "total": _("running total"),
    }
)
ORDERS: Mapping[str, str] = MappingProxyType({"run": _("as computed"), "reversed": _("reversed")})
GROUNDS: Mapping[str, str] = MappingProxyType({"dark": _("dark"), "light": _("light")})
SLOWEST, FASTEST = 0.1, 60.0
FASTEST_GIF = 50.0
END = 1e10
USUAL = ("x",)


def _among(formats: Set[str]) -> Callable[[Any], bool]:
    """Whether settings are for one of `formats`."""
    return lambda settings: settings.format in formats


def speeds(settings: Any) -> Bounds:
    """The frames per second that a film of the format of `settings` can have."""
    if settings.format == "gif":
        return Bounds(SLOWEST, FASTEST_GIF, step=1.0, why=_("a GIF shows a frame for 20 ms or longer"))
    return Bounds(SLOWEST, FASTEST, step=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """How frames are written. `at` None is the last frame; `panes` and `plots` are keys, in the order shown."""

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
                "Plots below the panes, separated by commas: beta, alpha_bar, snr over t; nearest, sharpness, norm, "
                "cycle along a path; accuracy, losses, shares, gradient of a GAN; error of a network's score; "
                "terms, simple, total of an objective."
            )
        ),
    ] = ()
    caption: Annotated[
        bool,
        Label(_("Caption")),
        When(_among(DRAWN)),
        Help(_("Name the panes, and write the t of every frame.")),
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
        When(_among(PICTURED | {"plot"})),
        Help(_("Screen pixels per pixel of a sample, a whole number; 0 chooses one.")),
    ] = 0
    ground: Annotated[
        str,
        Label(_("Ground")),
        OneOf(GROUNDS),
        When(_among(PICTURED | PLOTTED)),
        Help(_("Colour between the samples.")),
    ] = "dark"
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
