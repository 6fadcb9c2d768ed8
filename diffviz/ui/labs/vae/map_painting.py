"""Painting of a latent map: its scene as plain data, what lies still, and what moves over it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from diffviz.domain.arrays import F32, F64, U8
from diffviz.theory.latent import Plane
from diffviz.ui.plots.plane import PlaneScale, area_of
from diffviz.ui.timeline.axis import round_step, ticks
from diffviz.ui.widgets import math_label, pixmaps, theme
from diffviz.ui.widgets.glyphs import SIDE, glyph
from diffviz.ui.widgets.painting import scale_of


@dataclass(frozen=True, slots=True, eq=False)
class MapPoints:
    """Codes of real images: `mu` and `sigma` (N, D), where they are `seen` (N, 2), and their classes (N,)."""

    mu: F32
    sigma: F32
    seen: F64
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A picture behind the points over `bounds` of the plane (x from, x to, y from, y to).

    `pixels` are uint8 (H, W) or (H, W, 3 or 4), row 0 on top.
    """

    pixels: U8
    bounds: tuple[float, float, float, float]


@dataclass(slots=True, eq=False)
class MapScene:
    """The state of one map. `plane` turns latent points into points of the map; `prior` says whether there is one.

    `isolated` is the class that alone is not pale; `selected` the number of the selected image; `anchors` are names
    and places (2,) of the anchors, `path` (N, 2) the computed points of the path, `at` the point at the cursor.
    """

    plane: Plane = field(default_factory=lambda: Plane.of_dimensions(2, 0, 1))
    prior: bool = True
    axes: tuple[str, str] = ("z_1", "z_2")
    points: MapPoints | None = None
    backdrop: Backdrop | None = None
    isolated: int | None = None
    selected: int | None = None
    ellipse: tuple[F64, tuple[float, float, float]] | None = None
    anchors: dict[str, F64] = field(default_factory=dict)
    path: F64 = field(default_factory=lambda: np.empty((0, 2)))
    at: F64 | None = None


RINGS = ((1, "39 %"), (2, "86 %"), (3, "99 %"))
"""Radii of the prior's contours in σ, and how much of N(0, I) in two dimensions each holds."""
TICK_ROOM, LABEL_ROOM = 64.0, 16.0
ANCHOR = 9.0
MINUS = "−"


def paint_still(painter: QPainter, scene: MapScene, scale: PlaneScale) -> None:
    """Everything that stays while the cursor and anchors move."""
    area = area_of(scale)
    painter.fillRect(area, theme.blend("panel", "ground", 0.55))
    painter.save()
    painter.setClipRect(area)
    if scene.backdrop is not None:
        _paint_backdrop(painter, scene.backdrop, scale)
    if scene.points is not None:
        _paint_points(painter, scene, scale)
    if scene.prior:
        _paint_prior(painter, scene, scale)
    painter.restore()
    paint_axes(painter, scene.axes, scale)


def paint_moving(painter: QPainter, scene: MapScene, scale: PlaneScale, held: str) -> None:
    """Selection, path, cursor and anchors; `held` is the anchor that is being dragged or has the keyboard."""
    painter.save()
    painter.setClipRect(area_of(scale))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_path(painter, scene, scale)
    _paint_selected(painter, scene, scale)
    for name, place in scene.anchors.items():
        _paint_anchor(painter, name, _point(scale, place), name == held)
    if scene.at is not None:
        painter.setPen(QPen(theme.color("ground"), 2))
        painter.setBrush(theme.color("cursor"))
        painter.drawEllipse(_point(scale, scene.at), 6, 6)
    painter.restore()


def _paint_backdrop(painter: QPainter, backdrop: Backdrop, scale: PlaneScale) -> None:
    left, right, bottom, top = backdrop.bounds
    (x0, y0), (x1, y1) = scale.to_px([[left, top], [right, bottom]])
    image: QImage = pixmaps.qimage(backdrop.pixels)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, bool(x1 - x0 < image.width()))
    painter.drawImage(QRectF(x0, y0, x1 - x0, y1 - y0), image)


def _paint_prior(painter: QPainter, scene: MapScene, scale: PlaneScale) -> None:
    """Contours of N(0, I) seen on the plane."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    centre = _point(scale, scene.plane.seen(np.zeros((1, len(scene.plane.origin))))[0])
    painter.setFont(theme.font(10))
    for radius, share in RINGS:
        reach = radius * scale.per_unit
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text", 0.6), 1, Qt.PenStyle.DashLine))
        painter.drawEllipse(centre, reach, reach)
        if scale.per_unit < LABEL_ROOM:
            continue
        text = f"{radius} σ · {share}" if scene.points is None or scene.points.mu.shape[1] == 2 else f"{radius} σ"
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        plate = QRectF(centre.x() - width / 2, centre.y() - reach - 7, width, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("panel", 0.85))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(theme.color("text"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _paint_points(painter: QPainter, scene: MapScene, scale: PlaneScale) -> None:
    assert scene.points is not None
    ratio, corner = scale_of(painter), QPointF(SIDE / 2, SIDE / 2)
    places, labels = scale.to_px(scene.points.seen), scene.points.labels
    left, top, width, height = scale.area
    inside = (places > [left - SIDE, top - SIDE]).all(1) & (places < [left + width + SIDE, top + height + SIDE]).all(1)
    isolated = scene.isolated
    order = np.flatnonzero(inside)
    if isolated is not None:  # the class that is looked at lies on top
        order = order[np.argsort(labels[order] == isolated, kind="stable")]
    for number in order:
        label = int(labels[number])
        picture = glyph(label, ratio, isolated is not None and label != isolated)
        painter.drawPixmap(QPointF(*places[number]) - corner, picture)


def paint_axes(painter: QPainter, names: tuple[str, str], scale: PlaneScale) -> None:
    """Frame, ticks and the `names` of both axes, in the notation of `diffviz.ui.widgets.math_label`."""
    area = area_of(scale)
    painter.setPen(theme.color("edge"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)
    painter.setFont(theme.font(10))
    x0, x1, y0, y1 = scale.bounds
    step = round_step(x1 - x0, area.width() / TICK_ROOM)
    for value in ticks(x0, x1, step):
        x = scale.to_px([[value, y0]])[0][0]
        painter.fillRect(QRectF(round(x), area.bottom(), 1, 4), theme.color("quiet", 0.6))
        if x < area.right() - 26:
            _label(painter, QRectF(x - 30, area.bottom() + 4, 60, 14), value, step, Qt.AlignmentFlag.AlignHCenter)
    for value in ticks(y0, y1, step):
        y = scale.to_px([[x0, value]])[0][1]
        painter.fillRect(QRectF(area.left() - 4, round(y), 4, 1), theme.color("quiet", 0.6))
        if y > area.top() + 22:
            _label(painter, QRectF(0, y - 7, area.left() - 7, 14), value, step, Qt.AlignmentFlag.AlignRight)
    across, up = (math_label.Typeset(name, theme.font(12, 500)) for name in names)
    across.paint(painter, area.right() - across.width - 2, area.bottom() + 15, theme.color("quiet"))
    up.paint(painter, max(1.0, area.left() - 8 - up.width), area.top() + 11, theme.color("quiet"))


def _label(painter: QPainter, box: QRectF, value: float, step: float, align: Qt.AlignmentFlag) -> None:
    places = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    painter.setPen(theme.color("quiet"))
    painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, f"{value + 0.0:.{places}f}".replace("-", MINUS))


def _paint_path(painter: QPainter, scene: MapScene, scale: PlaneScale) -> None:
    if len(scene.path) < 2:
        return
    line = QPolygonF([QPointF(x, y) for x, y in scale.to_px(scene.path)])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for hue, width in (("ground", 4.0), ("text", 1.6)):
        painter.setPen(QPen(theme.color(hue), width))
        painter.drawPolyline(line)


def _paint_selected(painter: QPainter, scene: MapScene, scale: PlaneScale) -> None:
    """The selected image's μ and the 1-σ ellipse of its q(z | x), which in two dimensions holds 39 % of it."""
    if scene.ellipse is None:
        return
    place, (large, small, angle) = scene.ellipse
    centre = _point(scale, place)
    painter.save()
    painter.translate(centre)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for hue, width in (("ground", 4.0), ("data", 1.8)):
        painter.setPen(QPen(theme.color(hue), width))
        painter.drawEllipse(QPointF(0, 0), 11, 11)
    painter.rotate(-np.degrees(angle))
    painter.setPen(QPen(theme.color("data"), 1.4))
    painter.setBrush(theme.color("data", 0.25))
    if large > 0:
        painter.drawEllipse(QPointF(0, 0), large * scale.per_unit, small * scale.per_unit)
    painter.restore()


def _paint_anchor(painter: QPainter, name: str, centre: QPointF, held: bool) -> None:
    painter.setPen(QPen(theme.color("cursor" if held else "ground"), 2.5))
    painter.setBrush(theme.color("text"))
    painter.drawEllipse(centre, ANCHOR, ANCHOR)
    painter.setFont(theme.font(11, 700))
    painter.setPen(theme.color("ground"))
    painter.drawText(QRectF(centre.x() - 10, centre.y() - 10, 20, 20), Qt.AlignmentFlag.AlignCenter, name)


def _point(scale: PlaneScale, place: F64) -> QPointF:
    x, y = scale.to_px(np.asarray(place)[None])[0]
    return QPointF(float(x), float(y))
