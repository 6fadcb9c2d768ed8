"""Particles in the plane that move from noise to a known density."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diffviz.domain import errors, gan, panes, planar, sampling, settings, tagged
from diffviz.domain.cards import Card, card_of
from diffviz.domain.frames import Frame
from diffviz.domain.planar import ARROWS, CELLS, PLANAR_DATA, PLANAR_LABELS, PlanarData, PlanarFrame, PlanarRequest
from diffviz.domain.plots import ColumnReader, Plot, PlotData, Series
from diffviz.domain.requests import Noise, Plan, Step
from diffviz.domain.text import mark as _
from diffviz.domain.text import tr
from diffviz.families import diffusion, family
from diffviz.families.family import Cards, Family, NamePart, Numbers, Shape, Shapes, pixel_numbers
from diffviz.theory.processes import process_of, schedule_in

NETWORK = ("learnt_x", "learnt_x0", "learnt_eps", "learnt_score")


def model_of(model: str, cards: Cards) -> Card:
    """Card of model `model` of points in the plane. Raises `ModelNotFound`, for a model of another family too."""
    return card_of(model, {name: card for name, card in cards.items() if card.family == planar.FAMILY})


def schedule_of(request: PlanarRequest, cards: Cards) -> sampling.ProcessSettings:
    """The process of particles: the request's own, or its model's."""
    return diffusion.trained_on(model_of(request.model, cards)) if request.model else request.schedule


def data_of(request: PlanarRequest, cards: Cards) -> PlanarData:
    """The density that particles move to: the request's own, or its model's. Raises `CardMismatch`."""
    if not request.model:
        return request.data
    card = model_of(request.model, cards)
    try:
        data = tagged.from_json(card.dataset.get("points"))
    except ValueError as error:
        raise errors.CardMismatch(card.folder, str(error)) from error
    if type(data) not in PLANAR_DATA.values():
        raise errors.CardMismatch(card.folder, "its card does not say which points it was trained on")
    found: PlanarData = data
    return found


def plan(request: PlanarRequest, cards: Cards, parent: Plan | None) -> Plan:
    """The plan of `request`."""
    schedule = schedule_of(request, cards)
    path = diffusion.visits_of(request, schedule, parent, (PlanarRequest,))
    if request.model:
        diffusion.check_signal(model_of(request.model, cards), path[0], clip=False)
    sets = 2 if request.model else 1
    size = sets * 2 * (3 * request.particles + ARROWS**2) + CELLS**2
    # the sampler's own, and one a frame for the score on the grid
    evaluations = diffusion.evaluations_of(request, path, schedule) + len(path) - 1 if request.model else 0
    high = process_of(schedule).T
    return Plan(0.0, high, path, evaluations, size * diffusion.FLOAT, schedule=schedule, visited=path)


def alike(shapes: Shapes) -> bool:
    """The network's fields come together, or none of them."""
    points = shapes.get("x", ())
    wanted: dict[str, Shape] = dict.fromkeys(("x", "x0", "eps", *NETWORK), points)
    wanted |= dict.fromkeys(("score", "learnt_score"), (ARROWS, ARROWS, 2)) | {"density": (CELLS, CELLS)}
    network = sum(name in shapes for name in NETWORK)
    whole = len(points) == 2 and points[1] == 2 and network in (0, len(NETWORK))
    return whole and all(shape == wanted.get(name, ()) for name, shape in shapes.items())


def fits(frame: PlanarFrame, request: PlanarRequest, cards: Cards) -> bool:
    """Whether `frame` has the particles of `request`, also those of its model, at a time of its process."""
    network = (frame.learnt_x is not None) == bool(request.model)
    same = frame.x.shape == (request.particles, 2)
    return network and same and diffusion.on_process(frame, schedule_of(request, cards))


def name_parts(request: PlanarRequest, cards: Cards) -> tuple[NamePart, ...]:
    """Where it goes on from, the data or the model, the sampler and the process."""
    data = NamePart("data", tr(PLANAR_LABELS[settings.variant_key(PLANAR_DATA, request.data)]), lead=True)
    process = "" if request.model else tr(sampling.PROCESS_LABELS[sampling.process_key(request.schedule)])
    return (
        *_branch(request),
        family.model_part(request.model, cards, lead=True) if request.model else data,
        family.sampler_part(request),
        NamePart("schedule", process, lead=_named(request)),
        family.seed_part(request),
    )


def _named(request: PlanarRequest) -> bool:
    """Whether its process is another kind than a noise schedule."""
    return schedule_in(process_of(request.schedule)) is None


def _branch(request: PlanarRequest) -> tuple[NamePart, ...]:
    if isinstance(request.start, Step) and request.start.sample is not None:
        alone = tr("from one particle at t = {t}").format(t=f"{request.start.at:g}")
        particle = tr("particle {n}").format(n=request.start.sample + 1)
        return NamePart("start", alone, lead=True), NamePart("start.sample", particle)
    return family.start_parts(request)


def file_name(request: PlanarRequest, card: Card | None) -> str:
    """The data or the model, and the sampler."""
    return f"particles-{request.model or settings.variant_key(PLANAR_DATA, request.data)}-{family.sampler_key(request)}"


def command(request: PlanarRequest, cards: Cards) -> Sequence[str] | None:
    """All of it is said where it starts at pure noise and nothing was drawn by hand."""
    if not isinstance(request.start, Noise) or (isinstance(request.data, gan.Drawn) and not request.model):
        return None
    return "planar", *(("--model", request.model) if request.model else ()), *family.options(request, None)


def reader() -> ColumnReader:
    """Reads the difference of both scores of each frame, nan without a network."""
    return ColumnReader(("error",), _values)


def _values(frame: Frame) -> tuple[float]:
    assert isinstance(frame, PlanarFrame)
    return (math.nan if frame.learnt_x is None else frame.error,)


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process, and how far a network's score is off."""
    figures = reader().figures if data.figures is None else data.figures
    title = tr("root mean square difference of the network's score and the exact one")
    error = Series("error", tr("score error"), title, "loss", figures.positions, figures["error"])
    return (*diffusion.plots(data), Plot("error", tr("score error"), (error,), log=True))


def numbers(frames: Sequence[Frame]) -> Numbers:
    """Those of x, and the difference of both scores where there is a network."""
    pixels = pixel_numbers(frames)
    learnt = "learnt_x" in frames[0].arrays()
    return lambda frame: {**pixels(frame), **({"error": _values(frame)[0]} if learnt else {})}


FAMILY = Family(
    name="planar",
    request=PlanarRequest,
    frame=PlanarFrame,
    lab="diffusion",
    plan=plan,
    schedule=schedule_of,
    frame_tag="PlanarFrame",
    alike=alike,
    fits=fits,
    sampled=True,
    moment=lambda at: tr("particles at t = {t}").format(t=f"{at:g}"),
    parts=name_parts,
    file_name=file_name,
    command=command,
    panes=(
        panes.ExportPane("x", _("by the exact score"), drawing="particles"),
        panes.ExportPane("learnt_x", _("by the network"), hue="generated", drawing="particles"),
    ),
    plots=plots,
    reader=reader,
    numbers=numbers,
)
