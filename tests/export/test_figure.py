"""Figures of plots: words are text, mathematics is set, sizes are what was asked for, and nothing else is touched."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageDraw

from diffviz.domain.axis_scale import KNEE, AxisScale
from diffviz.domain.errors import NotAScale, OutOfRange
from diffviz.domain.export_settings import FIGURES, MEASURES, ExportSettings
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.panes import PALETTES
from diffviz.domain.plots import Plot, PlotData, Series, decades, drawable
from diffviz.domain.sampling import VarianceExploding
from diffviz.domain.settings import with_value
from diffviz.domain.text import set_language
from diffviz.export import formats, plots, run_info
from diffviz.export.figure import MILLIMETRES, PlotFigure
from diffviz.export.figure_legend import Look
from diffviz.export.panes import FAMILY, Lettering, colour
from diffviz.export.previewing import picture_of
from diffviz.export.run_info import RunInfo, with_figures
from diffviz.export.typesetting import mathtext
from diffviz.families import diffusion
from diffviz.theory.processes import process_of
from tests.export.documents import page_size, words_of
from tests.export.runs import about_run, reverse_run

# isort: split
import matplotlib
from matplotlib.text import Text

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).parents[2]


def written(path: Path, settings: ExportSettings, about: RunInfo | None = None) -> bytes:
    formats.export(reverse_run(), path, settings, about=about or about_run())
    return path.read_bytes()


def texts(svg: bytes) -> list[str]:
    return ["".join(text.itertext()).strip() for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def named(*labels: str) -> RunInfo:
    """A run with one plot of one curve for each label."""
    xs = np.arange(41.0)
    return RunInfo(
        tuple(Plot(f"p{i}", name, (Series(f"s{i}", name, "", "data", xs, xs),)) for i, name in enumerate(labels))
    )


def test_words_are_text_in_svg_and_in_pdf(tmp_path: Path) -> None:
    about = named("$5 · Fashion VAE", "10 % (half)")
    for said in (
        texts(written(tmp_path / "o.svg", ExportSettings(format="svg"), about)),
        words_of(written(tmp_path / "o.pdf", ExportSettings(format="pdf"), about)),
    ):
        assert {"$5 · Fashion VAE", "10 % (half)", "t", "0", "40"} <= set(said)


def test_korean_words_are_text_in_the_program_s_font(tmp_path: Path) -> None:
    set_language("ko")
    about = named("잡음 없는 그림의 손실")
    svg = written(tmp_path / "o.svg", ExportSettings(format="svg"), about)
    assert "잡음 없는 그림의 손실" in texts(svg)
    assert {family.split(",")[0] for family in re.findall(r'font-family: ([^;"]*)', svg.decode())} == {FAMILY}
    pdf = written(tmp_path / "o.pdf", ExportSettings(format="pdf"), about)
    assert "잡음 없는 그림의 손실" in words_of(pdf)
    assert {name.partition(b"+")[2] for name in re.findall(rb"/BaseFont /(\S+)", pdf)} == {b"Pretendard-Medium"}


def test_mathematics_is_set(tmp_path: Path) -> None:
    """Indices are small and low; marks and roots are outlines in an SVG, where programs put them in other places."""
    about = named("β_t, x", "x̂_0")
    root = ElementTree.fromstring(written(tmp_path / "o.svg", ExportSettings(format="svg", letters=9.0), about))
    spans = {span.text: span for span in root.iter(f"{SVG}tspan")}
    sizes = {
        text: float(re.findall(r"font-size: ([\d.]+)px", span.get("style", ""))[0]) for text, span in spans.items()
    }
    assert sizes["β"] == 9.0
    assert sizes["t"] < 0.8 * sizes["β"]
    assert float(spans["t"].get("y", 0)) > float(spans["β"].get("y", 0))
    assert not {"x̂", "\N{COMBINING CIRCUMFLEX ACCENT}"} & set(root.itertext())
    said = words_of(written(tmp_path / "o.pdf", ExportSettings(format="pdf"), about))
    assert any("β" in words for words in said)
    assert "\N{COMBINING CIRCUMFLEX ACCENT}" in "".join(said)


@pytest.mark.parametrize(
    ("notation", "made"),
    [
        ("x̂_0", r"$\hat{x}_{0}$"),
        ("ᾱ_t", r"$\bar{α}_{t}$"),
        ("β̃_t of it", r"$\tilde{β}_{t}$ of it"),
        ("√(1−ᾱ_t)", r"$\sqrt{1−\bar{α}_{t}}$"),
        ("L_{t−1}, bits/dim", r"$L_{t−1}$, bits/dim"),
        ("‖z‖ · $5", r"‖z‖ · \$5"),
        ("√({}", r"$\sqrt{\{\}}$"),
        ("a_{%}", r"$a_{\%}$"),
    ],
)
def test_a_notation_is_mathematics_where_it_has_to_be(notation: str, made: str) -> None:
    assert mathtext(notation) == made


def test_logarithmic_axes_have_their_decades() -> None:
    made = decades(-4.2, -1.7, 4)
    assert made.names == ("10⁻⁴", "10⁻³", "10⁻²")
    assert made.values == (-4.0, -3.0, -2.0)
    assert np.allclose(10 ** np.array(made.small[3:11]), [2e-4, 3e-4, 4e-4, 5e-4, 6e-4, 7e-4, 8e-4, 9e-4])
    assert decades(-0.2, 0.9, 4).names == ("1", "2", "5")
    assert decades(2.01, 2.03, 4).names == ("104", "106")
    assert decades(-620.0, -10.0, 4).names == ("10⁻⁶⁰⁰", "10⁻⁴⁰⁰", "10⁻²⁰⁰"), "beyond what a float holds"
    assert decades(5.2, 5.8, 4).names == ("2·10⁵", "5·10⁵")


@pytest.mark.parametrize("purpose", MEASURES)
def test_a_figure_is_as_large_as_its_purpose_asks(tmp_path: Path, purpose: str) -> None:
    meant = MEASURES[purpose]
    settings = {kind: with_value(ExportSettings(format=kind), ("purpose",), purpose) for kind in FIGURES}
    pdf = [side * MILLIMETRES for side in page_size(written(tmp_path / "o.pdf", settings["pdf"]))]
    assert pdf[0] == pytest.approx(meant.width, abs=0.01)
    assert not meant.height or pdf[1] == pytest.approx(meant.height, abs=0.01)
    root = ElementTree.fromstring(written(tmp_path / "o.svg", settings["svg"]))
    svg = [float(root.get(side, "").removesuffix("pt")) * MILLIMETRES for side in ("width", "height")]
    assert svg == pytest.approx(pdf, abs=0.01)
    written(tmp_path / "o.png", settings["plot"])
    with Image.open(tmp_path / "o.png") as image:
        assert image.info["dpi"] == pytest.approx((meant.dpi, meant.dpi), abs=0.02)
        assert [side / meant.dpi * 25.4 for side in image.size] == pytest.approx(pdf, abs=25.4 / meant.dpi)
        assert image.getpixel((0, 0)) == colour(PALETTES[meant.ground], "panel")
    letters = re.findall(r"font-size: ([\d.]+)px", (tmp_path / "o.svg").read_text())
    assert max(map(float, letters)) == meant.letters


def test_a_size_and_letters_of_one_s_own(tmp_path: Path) -> None:
    settings = ExportSettings(format="pdf", width=60.0, height=75.5, letters=6.0)
    assert [side * MILLIMETRES for side in page_size(written(tmp_path / "o.pdf", settings))] == pytest.approx(
        [60, 75.5], abs=0.01
    )


def test_what_has_no_room_is_refused(tmp_path: Path) -> None:
    for settings in (ExportSettings(format="svg", width=40.0, letters=20.0), ExportSettings(format="svg", height=30.0)):
        with pytest.raises(OutOfRange) as error:
            written(tmp_path / "o.svg", settings)
        written(tmp_path / "o.svg", with_value(settings, (error.value.name,), error.value.low))
    with pytest.raises(NotAScale):
        written(tmp_path / "o.png", ExportSettings(format="plot", width=1000.0, height=1000.0, dpi=1200))


def test_the_record_is_the_metadata_of_a_pdf(tmp_path: Path) -> None:
    """Its tables, that of the update and that before it, say of every object where it begins."""
    data = written(tmp_path / "o.pdf", ExportSettings(format="pdf"))
    places: dict[int, int] = {}
    at: int | None = int(data[data.rindex(b"startxref") :].split()[1])
    while at is not None:
        head, _, trailer = data[at:].partition(b"trailer")
        for first, rows in re.findall(rb"(\d+) \d+\n((?:\d{10} \d{5} [nf] \n)+)", head):
            for i, row in enumerate(rows.splitlines()):
                places.setdefault(int(first) + i, int(row.split()[0]))
        [root] = re.findall(rb"/Root (\d+) 0 R", trailer.partition(b">>")[0])
        before = re.findall(rb"/Prev (\d+)", trailer.partition(b">>")[0])
        at = int(before[0]) if before else None
    assert all(data[place:].startswith(b"%d 0 obj" % number) for number, place in places.items() if number)
    catalogue = data[places[int(root)] :].partition(b"endobj")[0]
    [metadata] = re.findall(rb"/Metadata (\d+) 0 R", catalogue)
    stream = data[places[int(metadata)] :].partition(b"endobj")[0]
    [length] = re.findall(rb"/Length (\d+)", stream)
    assert stream.partition(b"stream\n")[2][: int(length)] == run_info.xmp(
        run_info.text_of(about_run(), ExportSettings())
    )


@pytest.mark.parametrize("ground", PALETTES)
def test_colours_are_those_of_the_window(tmp_path: Path, ground: str) -> None:
    palette = PALETTES[ground]
    svg = written(tmp_path / "o.svg", ExportSettings(format="svg", ground=ground, plots=("alpha_bar",))).decode()
    assert set(re.findall("#[0-9a-f]{6}", svg.replace("#101218" if ground == "light" else "", ""))) == {
        getattr(palette, hue) for hue in ("panel", "edge", "quiet", "alpha_bar", "data", "noise")
    }


@pytest.mark.parametrize("format_", sorted(FIGURES))
def test_the_same_run_gives_the_same_bytes(tmp_path: Path, format_: str) -> None:
    code = (
        "import sys; from pathlib import Path; from diffviz.domain.export_settings import ExportSettings;"
        "from tests.export.test_figure import written; written(Path(sys.argv[1]), ExportSettings(format=sys.argv[2]))"
    )
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-c", code, str(other), format_], check=True, cwd=ROOT, timeout=100)
    assert written(tmp_path / "one", ExportSettings(format=format_)) == other.read_bytes()


def test_the_preview_is_the_figure_in_small() -> None:
    settings = ExportSettings(format="plot", width=100.0, dpi=300)
    picture = picture_of(reverse_run(), reverse_run()[0], settings, about_run())
    assert picture is not None
    seen = picture.pixels
    assert seen.shape[1] == 1181
    made = plots.figure(reverse_run(), settings, about_run())
    assert plots.size_of(seen, settings) == pytest.approx((100.0, made.height * MILLIMETRES), abs=0.2)


def test_curves_are_drawn_where_the_cursor_finds_them() -> None:
    """Also over the axis of a process whose noise grows by decades."""
    ts = np.array([0.0, 1.0, 10.0, 80.0])
    plot = Plot("p", "p", (Series("s", "s", "", "data", ts, np.array([0.0, 1.0, 2.0, 3.0])),))
    made = PlotFigure((plot,), Look(640, PALETTES["dark"]), AxisScale(0.0, 80.0, KNEE))
    [area], pixels = made.areas(), made.pixels()
    assert pixels.shape == (made.height, 640, 3)
    drawn = (np.abs(pixels.astype(int) - colour(PALETTES["dark"], "data")).sum(2) < 90)[int(area.top) + 1 :]
    for t, y in zip(ts, (0.0, 1.0, 2.0, 3.0), strict=True):
        column = min(round(area.x(t)), int(area.right) - 1)
        row = area.bottom - (y + 0.18) / 3.36 * (area.bottom - area.top)
        assert np.abs(np.flatnonzero(drawn[:, column]) + int(area.top) + 1 - row).min() <= 2


def test_heights_that_no_float_holds_are_drawn_by_their_logarithms() -> None:
    logs = np.array([-400.0, -200.0, 0.0])
    series = Series("s", "SNR", "", "loss", np.arange(3.0), 10.0**logs, logs=logs)
    made = PlotFigure((Plot("p", "SNR", (series,), log=True),), Look(640, PALETTES["dark"]), AxisScale(0, 2))
    [line] = [line for line in made._figure.axes[0].lines if line.get_linestyle() == "-"]
    assert np.asarray(line.get_ydata()).tolist() == logs.tolist()
    assert "10⁻⁴⁰⁰" in {text.get_text() for text in shown(made)}


def shown(figure: PlotFigure) -> list[Text]:
    """The words that are drawn."""
    texts_ = [artist for artist in figure._figure.findobj() if isinstance(artist, Text)]
    return [text for text in texts_ if text.get_text() and text.get_visible()]


def path_run(models: int = 2) -> list[Frame]:
    x, one = np.zeros((models, 1, 6, 6), np.float32), np.ones(models, np.float32)
    return [PathFrame(s, x, np.ones((models, 2), np.float32), one + s, one, one) for s in (0.0, 0.5, 1.0)]


@pytest.mark.parametrize("width", [640, 280])
def test_a_legend_stays_inside_its_figure(width: int) -> None:
    names = ("Fashion VAE, 16-D, logistic mixture", "Fashion VAE, 16-D, Laplace with a name that does not end at all")
    plots_ = with_figures(RunInfo(names=names), path_run()).plots
    made = PlotFigure(plots_, Look(width, PALETTES["dark"]), AxisScale(0.0, 1.0), "s")
    pixels = made.pixels()
    boxes = [text.get_window_extent() for text in shown(made)]
    assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= len(pixels) for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_process_whose_noise_grows_by_decades_has_an_axis_of_decades(tmp_path: Path) -> None:
    about = RunInfo(drawable(diffusion.plots(PlotData(process_of(VarianceExploding())))), knee=KNEE)
    said = texts(written(tmp_path / "o.svg", ExportSettings(format="svg", high=80.0), about))
    assert {plot.label for plot in about.plots} & set(said) == {"SNR"}
    assert {"0", "0.1", "1", "10", "80"} <= set(said), "an axis that is even near 0 and logarithmic above"


def test_nothing_of_a_person_s_is_touched(tmp_path: Path) -> None:
    """Not where there is no home at all, and no word is said of it; no font of the system is known."""
    code = (
        "import sys, logging; logging.basicConfig(level=logging.WARNING); from pathlib import Path;"
        "from diffviz.domain.export_settings import ExportSettings as S; from tests.export.test_figure import written;"
        "[written(Path(sys.argv[1], f), S(format=f)) for f in ('svg', 'pdf', 'plot')];"
        "written(Path(sys.argv[1], 'o.gif'), S(format='gif', caption=True, panes=('x0',), plots=('beta',)));"
        "from matplotlib import font_manager as f; print(sorted({Path(e.fname).name for e in f.fontManager.ttflist}));"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    home, out = tmp_path / "home", tmp_path / "out"
    home.mkdir(mode=0o500)
    out.mkdir()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MPL", "XDG"))}
    where = {"HOME": str(home), "TMPDIR": str(out), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    ended = subprocess.run(
        [sys.executable, "-c", code, str(out)],
        env={**own, **where},
        cwd=out,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    weights = [f"{FAMILY}-{weight}.otf" for weight in ("Medium", "Regular", "SemiBold")]
    assert ended.stdout.splitlines() == [str([*weights, "cmex10.ttf"]), "False"]
    assert list(home.iterdir()) == []
    assert sorted(path.name for path in out.iterdir()) == ["o.gif", "pdf", "plot", "svg"]


@pytest.mark.parametrize(
    "module", ["diffviz.app", "diffviz.cli.main", "diffviz.export.formats", "diffviz.ui.export_dialog.dialog"]
)
def test_matplotlib_is_imported_by_the_first_export_only(module: str) -> None:
    code = f"import sys, {module}; print([name for name in sys.modules if name.startswith('matplotlib')])"
    ended = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT, timeout=100
    )
    assert ended.stdout == "[]\n"


def test_what_matplotlib_holds_for_all_is_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of letters that the font does not have."""
    before = dict(matplotlib.rcParams)
    about = named("no such letter: \N{CUNEIFORM SIGN A}", "x_0 \N{CUNEIFORM SIGN A}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        written(tmp_path / "o.svg", ExportSettings(format="svg"), about)
    assert not caplog.records
    assert dict(matplotlib.rcParams) == before


def test_several_threads_draw_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    wanted = written(tmp_path / "o.svg", ExportSettings(format="svg"))
    caplog.set_level(logging.WARNING)
    found: dict[int, bytes] = {}

    def draw(i: int) -> None:
        found[i] = written(tmp_path / f"{i}.svg", ExportSettings(format="svg"))

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found.values()) == {wanted}
    assert not caplog.records


def test_lettering_is_as_wide_as_it_says() -> None:
    for notation in ("x̂_0", "t = 980", "잡음", "√(1−ᾱ_t)"):
        words = Lettering(notation, 15, "SemiBold")
        image = Image.new("L", (200, 60))
        words.paint(ImageDraw.Draw(image), 20.0, 40.0, 255)  # type: ignore[arg-type]
        columns, rows = np.flatnonzero(np.asarray(image).max(0) > 60), np.flatnonzero(np.asarray(image).max(1) > 60)
        assert columns[0] >= 19
        assert columns[-1] <= 21 + words.width
        assert columns[-1] - columns[0] > 0.7 * words.width
        assert 18 < rows[0] < rows[-1] < 48
