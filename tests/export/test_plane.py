"""Pictures of particles in the plane: where things stand in them, and in which colour."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.arrays import U8
from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.gan import GanRequest
from diffviz.domain.gan_verdicts import Leaning, leaning, reach_of
from diffviz.domain.panes import PALETTES
from diffviz.domain.planar import ARROWS, EXTENT, LONGEST, STRONGEST, PlanarFrame, arrows, grid, shade
from diffviz.domain.provenance import Record
from diffviz.export.formats import export
from diffviz.export.panes import SIDE, canvas_of, colour
from diffviz.export.plane import STRENGTH, particles
from diffviz.export.run_info import RunInfo
from diffviz.families import export_panes_of
from diffviz.families.planar import alike
from tests.export.runs import planar_run
from tests.ui.labs.gan.toys import toy_frame

DARK = PALETTES["dark"]


def at(picture: U8, x: float, y: float) -> tuple[int, ...]:
    """The colour of the place (x, y)."""
    column = round((x + EXTENT) / (2 * EXTENT) * (SIDE - 1))
    return tuple(int(v) for v in picture[SIDE - 1 - round((y + EXTENT) / (2 * EXTENT) * (SIDE - 1)), column])


def first(learnt: bool = True) -> PlanarFrame:
    frame = planar_run(learnt=learnt)[0]
    assert isinstance(frame, PlanarFrame)
    return frame


def test_a_particle_stands_where_it_is_y_upwards() -> None:
    picture = particles(first(), "dark")
    assert picture.shape == (SIDE, SIDE, 3)
    assert at(picture, 1.0, -2.0) == colour(DARK, "text")
    assert at(particles(first(), "dark", learnt=True), -1.0, 2.0) == colour(DARK, "generated")


def test_the_density_colours_the_ground() -> None:
    picture = particles(first(), "dark")
    between = 0.5 * 2 * EXTENT / (ARROWS - 1)  # no arrow runs there
    ground, full = np.array(colour(DARK, "ground")), np.array(colour(DARK, "data"))
    np.testing.assert_allclose(at(picture, -1.5, 1.5 + between), ground, atol=2)
    np.testing.assert_allclose(at(picture, 1.5, 1.5 + between), ground + STRONGEST * (full - ground), atol=3)


def test_arrows_go_where_the_score_points() -> None:
    begin, end = arrows(first().score, 1.0)
    np.testing.assert_array_equal(begin, grid(ARROWS).reshape(-1, 2))
    cell = 2 * EXTENT / (ARROWS - 1)
    np.testing.assert_allclose(end - begin, [[LONGEST * cell * np.tanh(9.0), 0.0]] * ARROWS**2, atol=1e-9)
    apart = np.abs(particles(first(), "dark").astype(int) - particles(first(), "dark", learnt=True)).sum()
    assert apart > 0
    assert not len(arrows(np.full((3, 3, 2), np.nan), 1.0)[0])


def test_shades_are_between_nothing_and_the_strongest() -> None:
    found = shade([[0.0, 1.0], [4.0, 2.0]])
    np.testing.assert_allclose(found / STRONGEST, [[0.0, 0.5], [1.0, np.sqrt(0.5)]])
    assert (shade(np.zeros((2, 2))) == 0).all()


@pytest.mark.parametrize("loss", ["least_squares", "hinge", "wasserstein", "non_saturating"])
def test_d_s_colours_are_on_one_scale_through_a_film_and_the_loss_decides_it(loss: str) -> None:
    """One answer above 1 in one frame says nothing of the colour of another place, nor of another frame."""
    request = GanRequest(loss=loss)
    calm = toy_frame(request, 100.0)
    surface = np.full((4, 4), 0.7, np.float32)
    wild = surface.copy()
    wild[0, 0] = 0.7 if loss == "non_saturating" else 1.3
    film = [dataclasses.replace(calm, surface=s, real=calm.real[:0], fake=calm.fake[:0]) for s in (surface, wild)]
    canvas = canvas_of(film, ExportSettings(panes=("plane",)), RunInfo(record=Record(request)))
    one, other = (canvas.samples(frame)[0][0] for frame in film)
    assert at(one, 2.5, 2.5) == at(other, 2.5, 2.5)
    reach = reach_of(loss, film)
    lean = leaning(loss, calm, reach).of(0.7)
    ground, real = (np.array(colour(DARK, hue), np.float64) for hue in ("ground", "alpha_bar"))
    np.testing.assert_allclose(at(one, 2.5, 2.5), ground + STRENGTH * lean * (real - ground), atol=1.5)


def test_an_answer_that_is_no_number_is_neither_real_nor_generated() -> None:
    assert Leaning().of([np.nan, np.inf, -np.inf]).tolist() == [0, 1, -1]
    frame = dataclasses.replace(toy_frame(GanRequest(), 0.0), d_real=np.full(3, np.nan), d_fake=np.full(3, np.nan))
    assert reach_of("wasserstein", [frame]) == 1


def test_a_run_without_a_network_has_one_pane() -> None:
    assert [pane.key for pane in export_panes_of(planar_run())] == ["x", "learnt_x"]
    alone: list[Frame] = planar_run(learnt=False)
    assert [pane.key for pane in export_panes_of(alone)] == ["x"]
    with pytest.raises(NotAChoice):
        export(alone, Path("never.png"), ExportSettings(format="png", panes=("learnt_x",)))


@pytest.mark.parametrize("suffix", ["gif", "webp", "apng"])
def test_films_have_both_sides_and_every_frame(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film.{'png' if suffix == 'apng' else suffix}"
    export(planar_run(), path, ExportSettings(format=suffix, panes=("x", "learnt_x"), caption=True))
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == 3
        assert image.width > 2 * SIDE
        assert image.height > SIDE


def test_a_sequence_and_a_sheet_are_written(tmp_path: Path) -> None:
    export(planar_run(), tmp_path / "frames", ExportSettings(format="sequence"))
    assert len(list((tmp_path / "frames").glob("*.png"))) == 3
    export(planar_run(), tmp_path / "sheet.png", ExportSettings(format="sheet", panes=("x", "learnt_x")))
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.height > 3 * SIDE


def test_only_fields_that_fit_each_other_are_those_of_a_frame() -> None:
    for learnt in (True, False):
        shapes = {name: array.shape for name, array in first(learnt).arrays().items()} | {"position": ()}
        assert alike(shapes)
        for name in (*shapes, "error"):
            assert not alike(shapes | {name: (3, 3)}), name
    assert not alike({name: shape for name, shape in shapes.items() if name != "x"})
    assert not alike(shapes | {"learnt_x": (1, 2)}), "the network's fields come together"


def test_curves_have_the_error_of_the_network_s_score(tmp_path: Path) -> None:
    export(planar_run(), tmp_path / "a.csv", ExportSettings(format="csv"))
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [row["error"] for row in rows] == ["0.5"] * 3
    export(planar_run(learnt=False), tmp_path / "b.csv", ExportSettings(format="csv"))
    assert "error" not in (tmp_path / "b.csv").read_text().splitlines()[0]


def test_a_frame_of_growing_variance_is_drawn_at_its_scale() -> None:
    frame = dataclasses.replace(first(), alpha=1.0, sigma=math.sqrt(3.0))
    assert frame.scale == pytest.approx(2.0)
    assert at(particles(frame, "dark"), 0.5, -1.0) == colour(DARK, "text")
