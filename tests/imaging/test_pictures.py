"""A person's own pictures: whatever the file is, it is read rightly or refused with a reason."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz.domain.errors import ImageTooLarge, ImageUnreadable
from diffviz.domain.sentences import sentence
from diffviz.imaging import Crop, bright_ground, confined, largest_crop, open_picture, over, pixels_of

RED = (255, 0, 0)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Saves a picture under a name and returns its path."""

    def saved(picture: Image.Image, name: str, **options: object) -> Path:
        path = tmp_path / name
        picture.save(path, **options)  # type: ignore[arg-type]
        return path

    return saved


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises a size and holds nothing."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = struct.pack(">I", 100) + b"IDAT"
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + data


def whole(picture: Image.Image) -> Crop:
    return Crop(0, 0, *picture.size)


@pytest.mark.parametrize(("side", "megapixels"), [(20_000, 400.0), (9_000, 81.0), (11_000, 121.0)])
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, side: int, megapixels: float) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(side, side))
    with pytest.raises(ImageTooLarge) as caught:
        open_picture(path)
    assert caught.value.megapixels == pytest.approx(megapixels)
    assert f"{megapixels:.0f} megapixels" in sentence(caught.value)


def test_a_text_file_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("not a picture")
    with pytest.raises(ImageUnreadable) as caught:
        open_picture(path)
    assert "choose a PNG" in sentence(caught.value)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP"])
def test_a_truncated_picture_is_refused(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(0)
    data = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(data, kind)
    path = tmp_path / "cut.png"
    path.write_bytes(data.getvalue()[: len(data.getvalue()) // 2])
    with pytest.raises(ImageUnreadable):
        open_picture(path)


@pytest.mark.parametrize("name", ["missing.png", "."])
def test_what_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        open_picture(tmp_path / name)
    assert caught.value.reason


def test_formats_that_start_other_programs_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "drawing.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n")
    with pytest.raises(ImageUnreadable):
        open_picture(path)


def test_a_cmyk_jpeg_keeps_its_colour(save: Callable[..., Path]) -> None:
    path = save(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "print.jpg", quality=100)
    picture = open_picture(path)
    assert picture.mode == "RGB"
    red, green, blue = picture.getpixel((8, 8))  # type: ignore[misc]
    assert red > 200
    assert max(green, blue) < 60


def test_a_picture_is_turned_as_its_camera_says(save: Callable[..., Path]) -> None:
    wide = Image.new("RGB", (40, 20))
    wide.paste(RED, (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    picture = open_picture(save(wide, "turned.jpg", exif=exif, quality=100))
    assert picture.size == (20, 40)
    top, bottom = picture.getpixel((10, 5)), picture.getpixel((10, 35))
    assert top[0] > 200  # type: ignore[index]
    assert bottom[0] < 60  # type: ignore[index]


def test_an_animation_gives_its_first_frame(save: Callable[..., Path]) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, (0, 255, 0), (0, 0, 255))]
    picture = open_picture(save(frames[0], "anim.gif", save_all=True, append_images=frames[1:]))
    assert over(picture, 0).getpixel((4, 4)) == RED


def test_a_palette_with_transparency_shows_the_ground(save: Callable[..., Path]) -> None:
    drawn = Image.new("P", (4, 4), 0)
    drawn.putpalette([10, 20, 30, *RED])
    drawn.putpixel((0, 0), 1)
    picture = open_picture(save(drawn, "palette.png", transparency=0))
    assert picture.mode == "RGBA"
    for ground in (0, 255):
        flat = over(picture, ground)
        assert flat.getpixel((3, 3)) == (ground,) * 3
        assert flat.getpixel((0, 0)) == RED


@pytest.mark.parametrize(
    ("mode", "fill"), [("1", 1), ("L", 200), ("LA", (200, 255)), ("I;16", 51400), ("RGB", (200,) * 3)]
)
def test_every_depth_becomes_eight_bits(save: Callable[..., Path], mode: str, fill: object) -> None:
    picture = open_picture(save(Image.new(mode, (6, 6), fill), "deep.png"))  # type: ignore[arg-type]
    value = pixels_of(picture, whole(picture), (3, 3))[1, 1]
    assert value == (255 if mode == "1" else pytest.approx(200, abs=1))


def test_floats_are_scaled(save: Callable[..., Path]) -> None:
    ramp = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    picture = open_picture(save(Image.fromarray(ramp), "ramp.tif"))
    assert pixels_of(picture, whole(picture), (4, 4)).ravel() == pytest.approx(ramp.ravel() * 255, abs=1)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 3), (48, 64, 3)])
def test_one_pixel_fills_every_model(save: Callable[..., Path], shape: tuple[int, ...]) -> None:
    picture = open_picture(save(Image.new("RGB", (1, 1), (7, 7, 7)), "dot.png"))
    pixels = pixels_of(picture, largest_crop(picture.size, shape[1] / shape[0]), shape)
    assert pixels.shape == shape
    assert pixels.dtype == np.uint8
    assert (pixels == 7).all()


def test_shrinking_averages_areas() -> None:
    stripes = Image.fromarray(np.tile(np.array([0, 100], np.uint8), (4, 2)))
    assert (pixels_of(stripes.convert("RGB"), Crop(0, 0, 4, 4), (2, 2)) == 50).all()


def test_only_the_crop_is_taken_and_inverting_swaps_light_and_dark() -> None:
    half = Image.new("RGB", (20, 10))
    half.paste((255, 255, 255), (10, 0, 20, 10))
    right = Crop(10, 0, 10, 10)
    assert (pixels_of(half, right, (5, 5)) == 255).all()
    assert (pixels_of(half, right, (5, 5), invert=True) == 0).all()


@pytest.mark.parametrize("size", [(100, 50), (50, 100), (1, 1), (3, 1000)])
@pytest.mark.parametrize("aspect", [1.0, 64 / 48, 0.5])
def test_the_largest_crop_touches_the_picture_and_has_the_aspect(size: tuple[int, int], aspect: float) -> None:
    crop = largest_crop(size, aspect)
    assert crop.width / crop.height == pytest.approx(aspect)
    assert crop.width == pytest.approx(size[0]) or crop.height == pytest.approx(size[1])
    left, top, right, bottom = crop.box
    assert left == pytest.approx(size[0] - right)
    assert top == pytest.approx(size[1] - bottom)


@pytest.mark.parametrize("crop", [Crop(-50, -50, 10, 10), Crop(95, 95, 10, 10), Crop(0, 0, 1e6, 1e6), Crop(5, 5, 0, 0)])
def test_a_crop_is_kept_inside_the_picture(crop: Crop) -> None:
    left, top, right, bottom = confined(crop, (100, 60), 1.0).box
    assert left >= 0
    assert top >= 0
    assert right <= 100 + 1e-9
    assert bottom <= 60 + 1e-9
    assert right - left == pytest.approx(bottom - top)
    assert right > left


def test_a_bright_ground_is_recognised() -> None:
    drawing = Image.new("RGB", (50, 50), (255, 255, 255))
    drawing.paste((0, 0, 0), (15, 15, 35, 35))
    assert bright_ground(drawing)
    assert not bright_ground(Image.new("RGB", (50, 50)))
    assert not bright_ground(Image.new("RGBA", (50, 50), (255, 255, 255, 0)))


def test_more_transparencies_than_colours_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "p.png"
    Image.new("P", (4, 4)).save(path)
    data, alphas = path.read_bytes(), bytes(300)
    chunk = len(alphas).to_bytes(4, "big") + b"tRNS" + alphas + zlib.crc32(b"tRNS" + alphas).to_bytes(4, "big")
    at = data.index(b"IDAT") - 4
    path.write_bytes(data[:at] + chunk + data[at:])
    with pytest.raises(ImageUnreadable):
        open_picture(path)
