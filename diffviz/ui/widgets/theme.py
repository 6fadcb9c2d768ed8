"""The window's look: one palette in force, and the colours, fonts, icons and style sheet made from it."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLineEdit, QWidget

from diffviz import paths
from diffviz.domain.panes import DARK, PALETTES, Palette
from diffviz.ui.widgets import painting
from diffviz.ui.widgets.qss import mix, stylesheet

FAMILY, SYMBOLS = "Pretendard", "Diffviz Symbols"
"""The font, and signs that it does not have (`packaging/make_symbols.py`)."""
TEXT_PIXELS = 13
ICON_PIXELS = (16, 24, 32, 48)  # the usual size on usual and dense screens; Qt scales for others
DISABLED_OPACITY = 0.35
SPIN_INSET = 7
PREPARED = "diffviz-prepared"

_current: Palette = DARK


def palette() -> Palette:
    """The palette in force."""
    return _current


def color(name: str, alpha: float = 1.0) -> QColor:
    """The colour of a meaning: a field of `Palette`, or one that is given (#rrggbb), with opacity `alpha` in [0, 1]."""
    return QColor(_color(name if name.startswith("#") else getattr(_current, name), alpha))


@lru_cache(maxsize=512)
def _color(value: str, alpha: float) -> QColor:
    made = QColor(value)
    made.setAlphaF(alpha)
    return made


def blend(name: str, other: str, share: float) -> QColor:
    """`share` of the colour `other` over the colour `name`, opaque."""
    return QColor(mix(getattr(_current, name), getattr(_current, other), share))


@lru_cache(maxsize=64)
def font(pixels: int = TEXT_PIXELS, weight: int = 400) -> QFont:
    """Pretendard with figures of equal width, or else the desktop's own font. It is shared: copy it to change it."""
    made = QFont([FAMILY, SYMBOLS] if _load_fonts() else QFont().families())
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    if hasattr(made, "setFeature"):
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def heading_font() -> QFont:
    """That of `QLabel[role="heading"]`, for headings that are painted."""
    made = QFont(font(11, 700))
    made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1)
    return made


def icon(name: str, color: str = "text", *, filled: bool = False) -> QIcon:
    """Icon `name` of resources/icons in the colour of a `Palette` field; paler where its button is disabled.

    `filled` paints the inside of its shapes too. An icon that does not exist is empty.
    """
    return _icon(name, getattr(_current, color), filled)


def desktop() -> str:
    """Name of the theme that the desktop asks for; dark where it does not say."""
    light = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
    return "light" if light else "dark"


def apply(app: QApplication, name: str = "") -> None:
    """Put theme `name`, a key of `PALETTES`, in force for the whole program; an empty name follows the desktop.

    Widgets made before keep what they painted: rebuild the window afterwards.
    """
    global _current
    _tell_desktop(app, name)
    _prepare(app)
    _current = PALETTES[name or desktop()]
    sheet = stylesheet(_current, paths.resources() / "icons" / "controls" / _current.name)
    if app.styleSheet() != sheet or app.font() != font():  # every widget there is takes it over anew
        app.setFont(font())
        app.setPalette(_qt_palette(_current))
        app.setStyleSheet(sheet)


def inset(spin: QAbstractSpinBox) -> None:
    """Indent the text of a spin box like that of other fields; style sheets have no word for it."""
    field = spin.findChild(QLineEdit)
    if field:
        field.setTextMargins(SPIN_INSET, 0, 0, 0)


def _prepare(app: QApplication) -> None:
    """Once for the program: a style that is set again is a new one, and what Qt's Python keeps of the old one stays."""
    if not app.property(PREPARED):
        app.setProperty(PREPARED, True)
        app.setStyle("Fusion")
        app.focusChanged.connect(_on_focus_changed)


def _on_focus_changed(_old: QWidget | None, now: QWidget | None) -> None:
    """A click on a button does not keep the keyboard: the ring is for those who come by Tab, and Space stays free."""
    if isinstance(now, QAbstractButton) and QApplication.mouseButtons() != Qt.MouseButton.NoButton:
        now.clearFocus()


def _tell_desktop(app: QApplication, name: str) -> None:
    hints = app.styleHints()
    scheme = {"dark": Qt.ColorScheme.Dark, "light": Qt.ColorScheme.Light}.get(name, Qt.ColorScheme.Unknown)
    if hasattr(hints, "setColorScheme"):
        hints.setColorScheme(scheme)


@lru_cache(maxsize=1)
def _load_fonts() -> bool:
    files = sorted(path for path in (paths.resources() / "fonts").rglob("*") if path.suffix in (".otf", ".ttf"))
    ids = [QFontDatabase.addApplicationFont(str(path)) for path in files]
    return any(FAMILY in QFontDatabase.applicationFontFamilies(i) for i in ids if i >= 0)


@lru_cache(maxsize=256)
def _icon(name: str, hue: str, filled: bool) -> QIcon:
    path = paths.resources() / "icons" / f"{name}.svg"
    made = QIcon()
    if not path.is_file():
        return made
    drawing = path.read_text(encoding="utf-8").replace("currentColor", hue)
    if filled:
        drawing = drawing.replace('fill="none"', f'fill="{hue}"')
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    for pixels in ICON_PIXELS:
        size, area = QSize(pixels, pixels), QRectF(0, 0, pixels, pixels)
        rendered = painting.pixmap_of(size, 1.0, [painting.Drawing(area, renderer)])
        pale = painting.Group([painting.Raster(area, rendered.toImage())], opacity=DISABLED_OPACITY)
        made.addPixmap(rendered, QIcon.Mode.Normal)
        made.addPixmap(painting.pixmap_of(size, 1.0, [pale]), QIcon.Mode.Disabled)
    return made


def _qt_palette(p: Palette) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: p.ground,
        role.WindowText: p.text,
        role.Base: p.field,
        role.AlternateBase: p.panel,
        role.Text: p.text,
        role.PlaceholderText: p.quiet,
        role.Button: p.field,
        role.ButtonText: p.text,
        role.ToolTipBase: p.field,
        role.ToolTipText: p.text,
        role.Highlight: p.cursor,
        role.HighlightedText: p.on_primary,
        role.Accent: p.cursor,
        role.Link: p.cursor,
        role.Mid: p.edge,
        role.Midlight: p.edge,
        role.Dark: p.edge,
        role.Light: p.edge,
        role.Shadow: p.ground,
    }
    made = QPalette()
    for key, value in colours.items():
        made.setColor(key, QColor(value))
    pale = QColor(p.quiet)
    pale.setAlphaF(0.55)
    for key in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, pale)
    return made
