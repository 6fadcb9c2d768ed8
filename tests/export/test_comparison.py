"""Runs beside each other: every picture shows each at the same t, under its title; files carry the records of all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain.export_settings import DRAWN, FIGURES, JOINED, ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.panes import PALETTES
from diffviz.domain.provenance import MOST_BESIDE, Record, decoded, encoded
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Cosine, Flow, Linear
from diffviz.export import comparison, films, formats, plots
from diffviz.export.archive import SavedRun, SavedSession
from diffviz.export.archive import write as write_session
from diffviz.export.comparison import UnlikeCanvas, joint_canvas, lettered, meeting, titles_of
from diffviz.export.frame_layout import page_of
from diffviz.export.lossless import sheet_of
from diffviz.export.panes import canvas_of, colour
from diffviz.export.reading import read_record
from diffviz.export.run_info import RunBeside, RunInfo, with_beside
from diffviz.theory.processes import process_of
from diffviz.theory.shared_time import SHARE, SharedTime
from tests.export.documents import words_of
from tests.export.runs import about_run, restored_run, reverse_run, schedule_plots

FILM = ExportSettings(panes=("x", "eps"), scale=8, caption=True, plots=("alpha_bar",))


def other(frames: Sequence[Frame] = (), title: str = "B   twice", seed: int = 5) -> RunBeside:
    """A run of another schedule and seed, which visits every fifth t."""
    info = RunInfo(schedule_plots(Cosine(timesteps=40)), (), Record(ReverseRequest(model="b", seed=seed)), title=title)
    return RunBeside(frames or reverse_run(9), info)


def half(frame: Frame) -> Frame:
    return dataclasses.replace(frame, position=frame.position / 2)


def joined(*others: RunBeside) -> RunInfo:
    return with_beside(dataclasses.replace(about_run(), title="A   once"), others or (other(every_fifth()),))


def every_fifth() -> list[Frame]:
    """Frames at t = 40, 35, … 0."""
    return [half(frame) for frame in reverse_run(9)]


def test_each_run_shows_its_own_frame_at_the_same_t() -> None:
    frames, beside = reverse_run(), every_fifth()
    canvas = joint_canvas(frames, FILM, joined())
    alone, theirs = canvas_of(frames, FILM), canvas_of(beside, FILM)
    for frame in frames:
        picture = canvas.coloured(frame)
        [match] = [each for each in beside if each.position == frame.position]
        for (left, width), made, shown in zip(canvas.groups, (alone, theirs), (frame, match), strict=True):
            assert np.array_equal(picture[:, left : left + width], made.coloured(shown))


def test_runs_of_unlike_processes_stand_where_they_share_the_noise() -> None:
    """The rule of the window: the same log-SNR."""
    ours, theirs = process_of(Linear(timesteps=40)), process_of(Flow())
    tie = SharedTime(ours, theirs)
    frames = [dataclasses.replace(f, position=i / 8) for i, f in enumerate(reverse_run(9)[::-1])]
    beside = RunBeside(frames, RunInfo(), tie)
    for t in (0.0, 10.0, 25.0, 40.0):
        found = beside.at(t).position
        assert abs(found - tie.there(t)) == min(abs(f.position - tie.there(t)) for f in frames)
    assert beside.at(40.0).position == 1.0


def test_one_t_stands_for_all_where_all_are_there_and_else_each_says_its_own() -> None:
    frames = reverse_run()
    alike = page_of(frames, FILM, joined())
    late = [frame for frame in every_fifth() if frame.position <= 20]  # begun later: it has nothing at t = 40
    apart = page_of(frames, FILM, joined(other(late)))
    (_, _), (right, _) = alike.canvas.groups
    for page, expected in ((alike, False), (apart, True)):
        bottom = page.box[1] + page.canvas.size[1]
        strip = page.draw(frames[0])[bottom : bottom + 30, page.box[0] + right :]
        assert bool((strip == colour(PALETTES["dark"], "text")).all(2).any()) is expected


def test_what_holds_runs_together_that_stand_at_unlike_places_is_said() -> None:
    frames, late = reverse_run(), [frame for frame in every_fifth() if frame.position <= 20]
    tie = SharedTime(process_of(Linear(timesteps=40)), process_of(Flow()))
    flow = RunBeside(
        [dataclasses.replace(f, position=i / 8) for i, f in enumerate(reverse_run(9)[::-1])], RunInfo(), tie
    )
    share = dataclasses.replace(flow, tie=dataclasses.replace(tie, by=SHARE))
    assert meeting(frames, joined()) == meeting(frames, about_run()) == ""
    assert meeting(frames[2:], joined(other(late))) == "", "it has all of these"
    assert meeting(frames, joined(other(late))) == "A + B: the same t, each at its frame nearest to that"
    assert meeting(frames, joined(flow)).startswith("A + B: the same log-SNR,")
    assert meeting(frames, joined(share)).startswith("A + B: the same t / T,")
    mixed = meeting(frames, joined(other(every_fifth()), flow))
    assert mixed.startswith("A + B: the same t,")
    assert " · A + C: the same log-SNR," in mixed


def test_a_caption_says_what_holds_runs_together_and_a_picture_only_where_they_are_apart() -> None:
    frames = reverse_run()
    late = joined(other([frame for frame in every_fifth() if frame.position <= 20]))
    film, alike = page_of(frames, FILM, late), page_of(frames, FILM, joined())
    assert film.size[1] > alike.size[1]
    png = dataclasses.replace(FILM, format="png", at=10.0)
    assert page_of(frames, png, late).size == page_of(frames, png, joined()).size
    assert page_of(frames, dataclasses.replace(png, at=40.0), late).size == film.size
    sheet = dataclasses.replace(FILM, format="sheet")
    assert sheet_of(frames, sheet, late).shape[0] > sheet_of(frames, sheet, joined()).shape[0]


@pytest.mark.parametrize("caption", [False, True])
def test_every_run_stands_under_its_title(caption: bool) -> None:
    settings = dataclasses.replace(FILM, caption=caption, plots=())
    page = page_of(reverse_run(), settings, joined())
    text = (page.still == colour(PALETTES["dark"], "text")).all(2)
    for left, width in page.canvas.groups:
        assert text[:30, page.box[0] + left : page.box[0] + left + width].any()
    unlike = page_of(reverse_run(), settings, joined(other(every_fifth(), "B   another")))
    assert not np.array_equal(page.still, unlike.still)


def test_unlike_samples_stand_beside_each_other_too(tmp_path: Path) -> None:
    """In number, in size and in colours."""
    frames = reverse_run()
    about = joined(other([half(f) for f in reverse_run(9, samples=5, channels=3, size=9)]))
    canvas = joint_canvas(frames, dataclasses.replace(FILM, scale=0), about)
    assert isinstance(canvas, UnlikeCanvas)
    picture = canvas.coloured(frames[0])
    own = canvas_of(frames, dataclasses.replace(FILM, scale=0)).coloured(frames[0])
    left, width = canvas.groups[0]
    assert np.array_equal(picture[: own.shape[0], left : left + width], own)
    assert [pane.key for pane, _, _ in canvas.names] == ["x", "eps", "x", "eps"]
    for format_ in ("gif", "sheet"):
        formats.export(frames, tmp_path / f"o.{format_}", dataclasses.replace(FILM, format=format_), about=about)


def test_a_run_of_another_kind_shows_what_stands_for_the_panes_asked_for() -> None:
    from tests.export.runs import forward_run

    settings = dataclasses.replace(FILM, panes=("x", "eps"))
    canvas = joint_canvas(reverse_run(), settings, joined(other(forward_run())))
    assert [pane.key for pane, _, _ in canvas.names] == ["x", "eps", "x"]


@pytest.mark.parametrize("format_", sorted(JOINED - {"mp4"}))
def test_every_format_shows_all_and_carries_the_records_of_all(tmp_path: Path, format_: str) -> None:
    about = joined(other(every_fifth()), other(every_fifth(), "C   thrice", 6))
    path = tmp_path / f"o{formats.FORMATS[format_].suffix}"
    formats.export(reverse_run(), path, dataclasses.replace(FILM, format=format_), about=about)
    record = read_record(path)
    assert (record.request.seed, [each.request.seed for each in record.beside]) == (9, [5, 6])
    alone = tmp_path / f"alone{formats.FORMATS[format_].suffix}"
    formats.export(reverse_run(), alone, dataclasses.replace(FILM, format=format_), about=about_run())
    if format_ in DRAWN | {"sheet"}:
        assert _size(path)[0] > 1.5 * _size(alone)[0]


def _size(path: Path) -> tuple[int, int]:
    with Image.open(next(path.iterdir()) if path.is_dir() else path) as image:
        return image.size


def test_an_mp4_is_as_wide_as_all_runs(tmp_path: Path) -> None:
    if not films.find_ffmpeg():
        pytest.skip("no ffmpeg")
    path = tmp_path / "o.mp4"
    formats.export(reverse_run(), path, dataclasses.replace(FILM, format="mp4"), about=joined())
    assert [each.request.seed for each in read_record(path).beside] == [5]


def test_a_gif_of_two_runs_errs_by_no_more_than_one_of_one(tmp_path: Path) -> None:
    frames = reverse_run()
    formats.export(frames, tmp_path / "o.gif", FILM, about=joined())
    page = page_of(frames, FILM, joined())
    with Image.open(tmp_path / "o.gif") as image:
        for shown, frame in zip(ImageSequence.Iterator(image), frames, strict=True):
            error = np.abs(np.asarray(shown.convert("RGB"), int) - page.draw(frame))
            assert error.mean() < 1


def test_plots_have_the_curves_of_both_and_say_whose_they_are(tmp_path: Path) -> None:
    frames, about = reverse_run(), joined()
    figure = plots.figure(frames, dataclasses.replace(FILM, format="plot"), about)
    [axes] = figure._figure.axes
    curves = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 10]
    count = len(about.plots[[plot.key for plot in about.plots].index("alpha_bar")].series)
    assert len(curves) == 2 * count
    assert sum(line.get_alpha() == 1.0 for line in curves) == count, "those of the other run are paler"
    for format_, read in (("svg", _svg_words), ("pdf", lambda path: words_of(path.read_bytes()))):
        path = tmp_path / f"o.{format_}"
        formats.export(frames, path, dataclasses.replace(FILM, format=format_), about=about)
        said = " ".join(read(path))
        assert "once" in said
        assert "twice" in said


def _svg_words(path: Path) -> list[str]:
    tags = ElementTree.fromstring(path.read_bytes()).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(tag.itertext()) for tag in tags]


def test_a_curve_that_is_the_same_in_both_is_drawn_once() -> None:
    about = about_run()
    same = RunBeside(reverse_run(), dataclasses.replace(about, title="B"))
    assert comparison.runs_of(about.plots, with_beside(about, [same])) == ()
    both = comparison.runs_of(about.plots, with_beside(about, [same, other()]))
    assert not any(plot.series for plot in both[1].plots.values())


def test_titles_say_what_differs() -> None:
    assert titles_of(["DDPM 50 · seed 42", "DDIM 50 · seed 42"]) == ["DDPM 50", "DDIM 50"]
    assert titles_of(["DDPM 50 · seed 42", "DDPM 50 · seed 42"]) == ["", ""]
    assert lettered(["", "twice"]) == ["A", "B   twice"]
    assert titles_of(["ring", "ring · WGAN-GP"]) == ["ring", "WGAN-GP"]


def test_figures_alone_are_as_they_were(tmp_path: Path) -> None:
    for format_ in FIGURES:
        path = tmp_path / f"o.{format_}"
        formats.export(reverse_run(), path, dataclasses.replace(FILM, format=format_), about=about_run())
        assert read_record(path).beside == ()


def test_a_record_without_others_is_written_as_it_always_was() -> None:
    assert "beside" not in json.loads(encoded(Record(ReverseRequest(model="a"))))


def test_what_a_stranger_says_of_others_is_checked() -> None:
    record = Record(ReverseRequest(model="a"), beside=(Record(ReverseRequest(model="b")),))
    raw = json.loads(encoded(record))
    assert decoded(json.dumps(raw)).beside[0].request == record.beside[0].request
    wrongs: list[object] = [raw["beside"] * (MOST_BESIDE + 1), [7], [{}], [{**raw, "beside": raw["beside"]}], "b"]
    for wrong in wrongs:
        with pytest.raises(ValueError):  # noqa: PT011  whatever is wrong
            decoded(json.dumps({**raw, "beside": wrong}))


def test_pictures_of_those_beside_come_back(tmp_path: Path) -> None:
    mine = about_run()
    theirs = about_run()
    about = with_beside(mine, [RunBeside(reverse_run(), theirs)])
    formats.export(reverse_run(), tmp_path / "o.png", ExportSettings(format="png"), about=about)
    [beside] = read_record(tmp_path / "o.png").beside
    assert theirs.record is not None
    assert list(beside.images) == list(theirs.record.images)


def test_a_session_of_such_runs_is_written_too(tmp_path: Path) -> None:
    record = Record(ReverseRequest(model="a"))
    write_session(SavedSession((SavedRun(record, "s", "finished"),), 0, 0.0), tmp_path / "s.diffviz")
    assert read_record(tmp_path / "s.diffviz").beside == ()


def test_restorations_beside_each_other_have_their_rows_and_originals_too() -> None:
    """Two runs of the same pictures share places; beside one of other pictures each keeps its own."""
    frames, about = restored_run()
    settings = ExportSettings(panes=("x0",), scale=1)
    joint = joint_canvas(frames, settings, with_beside(about, [RunBeside(*restored_run())]))
    assert joint.rows is not None
    picture = joint.draw(frames[-1])
    assert [picture[2, left + 2] for left in joint.lefts] == [200, 200]
    unlike = joint_canvas(frames, settings, with_beside(about, [RunBeside(*restored_run(2, 3))]))
    assert isinstance(unlike, UnlikeCanvas)
    assert [unlike.draw(frames[-1])[2, left + 2, 0] for left, _ in unlike.groups] == [200, 200]
