"""What an export is asked for: its settings, and the panes that a run of each kind can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any

from diffviz.domain.errors import NotAChoice
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame
from diffviz.domain.objective import ObjectiveFrame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, When
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

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
        "nearest": "d_{real}",
        "sharpness": _("sharpness"),
        "norm": "‖z‖",
        "cycle": "‖E(D(z)) − z‖",
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
OWN_PLOTS: Mapping[type[Frame], tuple[str, ...]] = MappingProxyType({ObjectiveFrame: ("terms", "total")})
"""What a file of plots has where none is asked for, for runs that are about some of their plots; others have all."""
ORDERS: Mapping[str, str] = MappingProxyType({"run": _("as computed"), "reversed": _("reversed")})
GROUNDS: Mapping[str, str] = MappingProxyType({"dark": _("dark"), "light": _("light")})
END = 1e10
ORIGINAL = "original"
PLANE = "plane"
USUAL = ("x",)
DATA_RANGE, NOISE_RANGE = 1.0, 3.0


@dataclass(frozen=True, slots=True)
class Pane:
    """One part of a frame that can be shown: field `key`, with values from −`limit` (black) to `limit` (white).

    `hue` names the colour of the palette that its label is written in.
    """

    key: str
    label: str
    limit: float = DATA_RANGE
    hue: str = "noisy"

    @property
    def noise(self) -> bool:
        """Whether it shows noise, not data."""
        return self.limit != DATA_RANGE


PANES: Mapping[type[Frame], tuple[Pane, ...]] = MappingProxyType(
    {
        ReverseFrame: (
            Pane("x", "x_t"),
            Pane("x0", "x̂_0", hue="data"),
            Pane("eps", "ε̂", NOISE_RANGE, "noise"),
        ),
        ForwardFrame: (
            Pane(ORIGINAL, "x_0", hue="data"),
            Pane("x", "x_t"),
            Pane("noise", _("noise in x_t"), NOISE_RANGE, "noise"),
            Pane("step_noise", _("noise of this step"), NOISE_RANGE, "noise"),
            Pane("x0_hat", "x̂_0", hue="data"),
            Pane("eps_hat", "ε̂", NOISE_RANGE, "noise"),
        ),
        PathFrame: (Pane("x", "x′"),),
        GanFrame: (
            Pane(PLANE, _("D(x), real and generated")),
            Pane("fake", "G(z)", hue="generated"),
            Pane("real", "x", hue="alpha_bar"),
        ),
        ObjectiveFrame: (),
        PlanarFrame: (
            Pane("x", _("by the exact score")),
            Pane("learnt_x", _("by the network"), hue="generated"),
        ),
    }
)


def _among(formats: Set[str]) -> Callable[[Any], bool]:
    """Whether settings are for one of `formats`."""
    return lambda settings: settings.format in formats


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
        Bounds(0.1, 50.0, step=1.0),
        When(_among(ANIMATED)),
        Help(_("How fast it plays; a GIF shows a frame for at least 20 ms.")),
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


def panes_of(frames: Sequence[Frame]) -> tuple[Pane, ...]:
    """The panes that the run `frames` (in the order of computation) can show; none for an empty run."""
    if not frames:
        return ()
    first = frames[0]
    if isinstance(first, GanFrame):
        there = {PLANE} if first.surface is not None else {"fake", "real"}
    else:
        there = {*first.arrays(), *((ORIGINAL,) if first.position == 0 else ())}
    return tuple(pane for pane in PANES.get(type(first), ()) if pane.key in there)


def shown_panes(frames: Sequence[Frame], settings: ExportSettings) -> tuple[Pane, ...]:
    """The panes that `settings` ask for, of the run `frames`; its first where the usual one is asked for and missing.

    Raises `NotAChoice` for a pane that it does not have.
    """
    known = {pane.key: pane for pane in panes_of(frames)}
    wanted = settings.panes
    if wanted == USUAL and known and wanted[0] not in known:
        wanted = tuple(known)[:1]
    unknown = [key for key in wanted if key not in known]
    if unknown or not wanted:
        raise NotAChoice("panes", ", ".join(unknown), tuple(known))
    return tuple(known[key] for key in wanted)


def stamp(frame: Frame) -> str:
    """Where `frame` stands, as a caption says it."""
    if isinstance(frame, GanFrame):
        return tr("step {n}").format(n=f"{frame.position:g}")
    return f"{frame.axis} = {frame.position:.4g}"


def chosen(positions: Sequence[float], settings: ExportSettings) -> tuple[int, ...]:
    """Indices of the frames at `positions` (in the order of computation) that `settings` ask for, as they are shown."""
    if settings.format == "png":
        return (_nearest(positions, settings.at),) if positions else ()
    within = tuple(i for i, position in enumerate(positions) if settings.low <= position <= settings.high)
    if settings.format == "sheet":
        return _spread(within, settings.rows)
    return _ordered(_thinned(within, settings.every), settings)


def delays(count: int, settings: ExportSettings, unit: float = 1.0, shortest: int = 1) -> list[int]:
    """How long each of `count` frames is shown, in whole `unit`s of a second, the holds included.

    They are rounded so that the whole keeps the frame rate: 30 a second are 3, 4, 3, 3, 4, 3 … hundredths.
    """
    ends = [round(i / unit / settings.fps) for i in range(count + 1)]
    times = [max(shortest, end - start) for start, end in pairwise(ends)]
    times[0] += round(settings.hold_first / unit)
    times[-1] += round(settings.hold / unit)
    return times


def _thinned(within: tuple[int, ...], every: int) -> tuple[int, ...]:
    kept = within[::every]
    return (*kept, within[-1]) if within and kept[-1] != within[-1] else kept


def _spread(within: tuple[int, ...], count: int) -> tuple[int, ...]:
    """`count` of `within`, evenly spaced, the ends included."""
    if len(within) <= count or count < 2:
        return within[-1:] if count < 2 else within
    return tuple(within[round(i * (len(within) - 1) / (count - 1))] for i in range(count))


def _ordered(kept: tuple[int, ...], settings: ExportSettings) -> tuple[int, ...]:
    if settings.format in MOVING and settings.order == "reversed":
        kept = kept[::-1]
    if settings.format in ANIMATED and settings.boomerang:
        kept = (*kept, *kept[-2:0:-1])
    return kept


def _nearest(positions: Sequence[float], at: float | None) -> int:
    last = len(positions) - 1
    return last if at is None else min(range(len(positions)), key=lambda i: abs(positions[i] - at))
