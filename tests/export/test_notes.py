"""What stands under the panes of a training of a GAN: a legend, and the verdict up to the frame that is shown."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain import gan_verdicts
from diffviz.domain.arrays import U8
from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.gan import GRID, GanFrame, GanRequest, Pictures
from diffviz.domain.panes import PALETTES
from diffviz.domain.provenance import Record
from diffviz.export import notes
from diffviz.export.formats import export
from diffviz.export.frame_layout import FrameLayout, page_of
from diffviz.export.panes import Lettering, canvas_of, colour
from diffviz.export.run_info import RunBeside, RunInfo, with_beside
from diffviz.families import export_panes_of, remarks_of
from diffviz.theory import gan_verdict
from tests.ui.labs.gan.toys import toy_frame

REQUEST = GanRequest()
ABOUT = RunInfo(record=Record(REQUEST))
CAPTIONED = ExportSettings(panes=("plane", "best"), caption=True)


def film(count: int = 30, request: GanRequest = REQUEST) -> list[GanFrame]:
    """A training whose D gets ever better, with densities of G's samples in the lower left."""
    density = np.zeros((GRID, GRID), np.float32)
    density[: GRID // 2, : GRID // 2] = 1.0
    frames = []
    for i in range(count):
        share = 0.5 + 0.5 * i / count
        made = toy_frame(request, 25.0 * i)
        made = dataclasses.replace(made, accuracy=share, low=share - 0.02, high=share + 0.02, updated=float(i > 0))
        frames.append(made if made.surface is None else dataclasses.replace(made, density=density))
    return frames


def test_the_verdict_is_that_of_the_window_at_every_frame() -> None:
    frames = film()
    remarks = remarks_of(frames)
    assert remarks is not None
    for i, frame in enumerate(frames):
        found = gan_verdict.verdict(frames[: i + 1])
        assert remarks(frame) == (gan_verdicts.label(found), gan_verdicts.explanation(found))
    assert len({remarks(frame)[0] for frame in frames}) > 1


def test_what_was_before_a_run_counts() -> None:
    frames = film()
    about = dataclasses.replace(ABOUT, before=tuple(frames[:20]))
    whole, rest = page_of(frames, CAPTIONED, ABOUT), page_of(frames[20:], CAPTIONED, about)
    alone = page_of(frames[20:], CAPTIONED, ABOUT)
    assert np.array_equal(_below(whole, frames[20]), _below(rest, frames[20]))
    assert not np.array_equal(_below(alone, frames[20]), _below(rest, frames[20]))


def _below(page: FrameLayout, frame: GanFrame) -> U8:
    """What is under the legend."""
    return page.draw(frame)[-page._notes.height + 22 :]


def test_the_best_possible_d_stands_beside_the_learnt_one() -> None:
    """Orange where G is and the data are not, whatever the learnt D says."""
    frames = film(2)
    assert [pane.key for pane in export_panes_of(frames)] == ["plane", "best"]
    bare = [
        dataclasses.replace(f, real=f.real[:0], fake=f.fake[:0], surface=np.full((GRID, GRID), 0.5, np.float32))
        for f in frames
    ]
    canvas = canvas_of(bare, ExportSettings(panes=("plane", "best")), ABOUT)
    learnt, best = (pane[0] for pane in canvas.samples(bare[0]))
    ground, fake = (np.array(colour(PALETTES["dark"], hue)) for hue in ("ground", "generated"))
    corner = best[-20, 20].astype(int)
    np.testing.assert_allclose(corner, ground + 0.45 * (fake - ground), atol=12)
    np.testing.assert_allclose(learnt[-20, 20], ground, atol=2)
    assert np.abs(best[20, -20].astype(int) - ground).sum() < np.abs(corner - ground).sum()


def test_without_the_data_the_best_possible_d_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(NotAChoice):
        export(film(2), tmp_path / "o.png", ExportSettings(format="png", panes=("best",)))
    assert [pane.key for pane in export_panes_of(film(2, GanRequest(data=Pictures())))] == ["fake", "real"]


@pytest.mark.parametrize("ground", ["dark", "light"])
def test_the_legend_has_the_colours_of_what_is_drawn(ground: str) -> None:
    settings = dataclasses.replace(CAPTIONED, ground=ground)
    page = page_of(film(), settings, ABOUT)
    legend = page.still[page._notes_at : page._notes_at + 22]
    for hue in ("alpha_bar", "generated"):
        assert (legend == colour(PALETTES[ground], hue)).all(2).sum() > 20
    marks = notes.marks_of(page.canvas.panes)
    assert [mark.label for mark in marks] == ["real data", "generated, G(z)", "D says real", "D says generated"]
    assert not notes.marks_of(canvas_of(film(2, GanRequest(data=Pictures())), ExportSettings(panes=("fake",))).panes)


def test_a_bare_film_has_neither() -> None:
    page = page_of(film(), ExportSettings(panes=("plane",)), ABOUT)
    assert page.size == page.canvas.size


def test_words_are_broken_where_a_line_ends_and_never_cut() -> None:
    text = "D is right 51.9% of the time, the best possible D would be 53.9%: there is more to learn."
    lines = notes.wrapped(text, 200, 15)
    assert " ".join(lines) == text
    assert all(Lettering(line, 15).width <= 200 for line in lines)


@pytest.mark.parametrize("format_", ["gif", "apng", "webp"])
def test_films_say_at_every_frame_what_is_so_there(tmp_path: Path, format_: str) -> None:
    frames, path = film(24), tmp_path / f"o.{format_}"
    export(frames, path, dataclasses.replace(CAPTIONED, format=format_), about=ABOUT)
    page = page_of(frames, CAPTIONED, ABOUT)
    with Image.open(path) as image:
        for shown, frame in zip(ImageSequence.Iterator(image), frames, strict=True):
            drawn = page.draw(frame)[page._notes_at :]
            error = np.abs(np.asarray(shown.convert("RGB"), int)[page._notes_at :] - drawn)
            assert error.mean() < (2 if format_ == "gif" else 1e-9)


def test_two_trainings_have_a_verdict_each() -> None:
    frames = film()
    other = RunBeside(film(3), RunInfo(record=Record(REQUEST), title="B"))
    page = page_of(frames, CAPTIONED, with_beside(dataclasses.replace(ABOUT, title="A"), [other]))
    picture = page.draw(frames[-1])
    for left, width in page.canvas.groups:
        words = picture[page._notes_at + 28 :, page.box[0] + left : page.box[0] + left + width]
        assert (words == colour(PALETTES["dark"], "text")).all(2).any()


def test_a_title_of_any_length_is_cut_at_once_and_as_late_as_can_be() -> None:
    asked: list[str] = []

    def fits(text: str) -> bool:
        asked.append(text)
        return len(text) <= 40

    assert notes.shortened("W" * 20_000, fits) == "W" * 39 + "…"
    assert len(asked) < 15
    assert max(map(len, asked)) <= 1001
    assert notes.shortened("short", fits) == "short"
    assert notes.shortened("long", lambda _: False) == "l…"
