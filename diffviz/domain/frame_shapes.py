"""Whether arrays of given shapes, as a stranger's file has them, can be the fields of one frame."""

from __future__ import annotations

from collections.abc import Mapping

from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.gan import GRID, GanFrame
from diffviz.domain.planar import ARROWS, CELLS, PlanarFrame

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]
"""Shapes by field name; numbers have the shape ()."""
NETWORK = ("learnt_x", "learnt_x0", "learnt_eps", "learnt_score")


def alike(kind: type[Frame], shapes: Shapes) -> bool:
    """Whether fields of `shapes` can be those of one frame of class `kind`."""
    if kind is GanFrame:
        return gan_alike(shapes)
    if kind is PlanarFrame:
        return planar_alike(shapes)
    return _pictures_alike(shapes, codes=kind is PathFrame)


def gan_alike(shapes: Shapes) -> bool:
    """Whether they can be those of a `GanFrame`."""
    sample = shapes.get("real", ())
    wanted: dict[str, Shape] = dict.fromkeys(("real", "fake", "arrows"), sample)
    wanted |= dict.fromkeys(("d_real", "d_fake"), sample[:1]) | dict.fromkeys(("surface", "density"), (GRID, GRID))
    free = {"loss_d", "loss_g", "per_mode"}
    return len(sample) in (2, 4) and all(
        len(shape) == 1 if name in free else shape == wanted.get(name, ()) for name, shape in shapes.items()
    )


def planar_alike(shapes: Shapes) -> bool:
    """Whether they can be those of a `PlanarFrame`, whose network's fields come together."""
    points = shapes.get("x", ())
    wanted: dict[str, Shape] = dict.fromkeys(("x", "x0", "eps", *NETWORK), points)
    wanted |= dict.fromkeys(("score", "learnt_score"), (ARROWS, ARROWS, 2)) | {"density": (CELLS, CELLS)}
    network = sum(name in shapes for name in NETWORK)
    whole = len(points) == 2 and points[1] == 2 and network in (0, len(NETWORK))
    return whole and all(shape == wanted.get(name, ()) for name, shape in shapes.items())


def _pictures_alike(shapes: Shapes, *, codes: bool) -> bool:
    """All are like the picture x, or one number for each; `codes`: z has a point for each."""
    if "x" not in shapes:
        return False
    picture = shapes["x"]
    points = {"z": (*picture[:1], *shapes.get("z", ())[1:2])} if codes else {}
    return all(shape in ((), picture, picture[:1]) or points.get(name) == shape for name, shape in shapes.items())
