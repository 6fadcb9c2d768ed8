"""A path through the latent spaces of one or two models as a run of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32
from diffviz.domain.errors import ImagesMissing, NotFinite
from diffviz.domain.frames import PathFrame
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.messages import Later, RunInputs
from diffviz.engine import device_context
from diffviz.engine.device_context import DeviceContext
from diffviz.engine.families.autoencoder import Autoencoder, autoencoder
from diffviz.engine.features.cache import RealImages
from diffviz.theory import statistics
from diffviz.theory.latent import along, shares

BATCH = 16


def run(request: PathRequest, materials: RunInputs, bench: DeviceContext) -> Iterator[PathFrame | Later]:
    """The frames of `request`. Raises what is wrong with its pictures, its models or the device."""
    with device_context.explained(bench.models.device, BATCH):
        models = [autoencoder(name, bench.models) for name in request.models]
        yield from frames(request, materials, models, bench.references.real(models[0].card))


def frames(
    request: PathRequest, materials: RunInputs, models: Sequence[Autoencoder], real: RealImages | None
) -> Iterator[PathFrame | Later]:
    """The points of the path in order, `BATCH` of them decoded at once; `real` gives distances to real images.

    Raises `NotFinite` at the first whose image is not made of numbers.

    Where these have not been seen yet, that is done first, a `Later` after each part.
    """
    if real is not None:
        yield from real.seeing()
    anchors = [points_of(request, materials, i, model) for i, model in enumerate(models)]
    positions = shares(request.frames)
    paths = [along(points, request.curve, positions).astype(np.float32) for points in anchors]
    for start in range(0, len(positions), BATCH):
        at = slice(start, start + BATCH)
        looks = [_look(model, path[at], real) for model, path in zip(models, paths, strict=True)]
        for i, share in enumerate(positions[at]):
            if not all(np.isfinite(look["x"][i]).all() for look in looks):
                raise NotFinite(share, "path")
            yield _frame(share, [{name: v[i] for name, v in look.items()} for look in looks])


def points_of(request: PathRequest, materials: RunInputs, index: int, model: Autoencoder) -> list[F32]:
    """The anchors' latent points (D,) under model `index` of the request."""
    return [_point(anchor, materials, index, model) for anchor in request.anchors]


def _point(anchor: Anchor, materials: RunInputs, index: int, model: Autoencoder) -> F32:
    if anchor.codes:
        return np.asarray(anchor.codes[index], np.float32)
    if anchor.image not in materials.images:
        raise ImagesMissing(1)
    [code] = model.encode(model.unit(materials.images[anchor.image][None]))[0]
    return np.asarray(code, np.float32)


def _look(model: Autoencoder, z: F32, real: RealImages | None) -> dict[str, F32]:
    """All fields of a part of the path, each with one row for a point."""
    x = model.mean(z)
    again = model.encode(x)[0]
    fields = {
        "x": x,
        "z": z,
        "norm": np.linalg.norm(z, axis=1),
        "sharpness": statistics.sharpness(x),
        "cycle": np.linalg.norm(again - z, axis=1),
    }
    return fields if real is None else {**fields, "nearest": real.distances(x)}


def _frame(share: float, looks: list[dict[str, F32]]) -> PathFrame:
    longest = max(len(look["z"]) for look in looks)
    rows = [{**look, "z": np.pad(look["z"], (0, longest - len(look["z"])), constant_values=np.nan)} for look in looks]
    return PathFrame(share, **{name: _fixed(np.stack([row[name] for row in rows])) for name in rows[0]})


def _fixed(values: NDArray[np.floating]) -> F32:
    fixed = np.ascontiguousarray(values, np.float32)
    fixed.flags.writeable = False
    return fixed
