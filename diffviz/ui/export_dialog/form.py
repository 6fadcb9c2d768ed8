"""The form of an export, derived from its settings, and how it speaks of places on a run's axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from diffviz.domain.bookmarks import Span
from diffviz.domain.export_settings import JOINED, ExportSettings
from diffviz.domain.panes import ExportPane
from diffviz.domain.plots import Plot
from diffviz.domain.settings import Setting, settings_of, value_at, with_value
from diffviz.domain.text import mark as _
from diffviz.domain.text import plain, tr
from diffviz.export.formats import FORMATS
from diffviz.ui.widgets import controls, layout, theme


@dataclass(frozen=True, slots=True)
class AxisWords:
    """Label and help (English, translated when shown) of each setting that is a place, by its name; label of the range.

    Places are written with `decimals`, and stepped by `step`.
    """

    range: str
    labels: Mapping[str, str]
    helps: Mapping[str, str]
    decimals: int = 0
    step: float = 1.0


AXIS_WORDS: Mapping[str, AxisWords] = MappingProxyType(
    {
        "t": AxisWords(
            _("Range of t"),
            {"at": _("At t"), "low": _("From t"), "high": _("To t")},
            {
                "at": _("Write the frame nearest to this t."),
                "low": _("Smallest t that is written."),
                "high": _("Largest t that is written."),
            },
        ),
        "s": AxisWords(
            _("Range of s"),
            {"at": _("At s"), "low": _("From s"), "high": _("To s")},
            {
                "at": _("Write the frame nearest to this share s of the path."),
                "low": _("Smallest share s of the path that is written."),
                "high": _("Largest share s of the path that is written."),
            },
            decimals=2,
            step=0.05,
        ),
        "step": AxisWords(
            _("Range of steps"),
            {"at": _("At step"), "low": _("From step"), "high": _("To step")},
            {
                "at": _("Write the frame nearest to this training step."),
                "low": _("First training step that is written."),
                "high": _("Last training step that is written."),
            },
        ),
    }
)
"""By `Frame.axis`."""
ANY_AXIS = AxisWords(
    _("Range"),
    {"at": _("At"), "low": _("From"), "high": _("To")},
    {
        "at": _("Write the frame nearest to this position."),
        "low": _("Smallest position that is written."),
        "high": _("Largest position that is written."),
    },
    decimals=2,
    step=1.0,
)


LABEL_WIDTH, LABEL_TOP = 116, 6
UNITS = {
    **dict.fromkeys(("hold", "hold_first"), _("{n} s")),
    **dict.fromkeys(("width", "height"), _("{n} mm")),
    "letters": _("{n} pt"),
    "dpi": _("{n} dpi"),
}
AUTOMATIC = frozenset({"scale", "height"})
"""Where 0 stands for what suits."""
RANGE = ("low", "high")
HUNDRED = 100
# What stands in one row; the label is that of the only one, or this one; that of the range is the axis's.
ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("format",)),
    ("", ("panes",)),
    ("", ("plots",)),
    ("", ("rows",)),
    ("", ("at",)),
    ("", RANGE),
    ("", ("every",)),
    (_("Order"), ("order", "boomerang")),
    (_("Frames per second"), ("fps", "loop")),
    (_("Hold first, last"), ("hold_first", "hold")),
    ("", ("purpose",)),
    (_("Width, height"), ("width", "height")),
    (_("Letters, resolution"), ("letters", "dpi")),
    (_("Scale, ground"), ("scale", "ground")),
    (_("Also"), ("caption", "raw", "metadata")),
)


def _top(label: QLabel) -> QLabel:
    """`label` at the top of what it is beside."""
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(0, LABEL_TOP, 0, 0)
    return label


class ExportForm(QWidget):
    """Edits `settings`. `axis` are the ends of the run's axis, `along` is its name.

    Where a person has chosen a range there, `chosen`, it is offered. Where the process does not preserve the variance,
    x_t `spreads`, and t is no whole number. `line_up` chooses the runs beside it, where there are any to choose.
    Signals: `changed`, by a person.
    """

    changed = Signal()

    def __init__(
        self,
        settings: ExportSettings,
        panes: tuple[ExportPane, ...],
        axis: tuple[float, float],
        plots: Sequence[Plot] = (),
        along: str = "t",
        parent: QWidget | None = None,
        *,
        spreads: bool = False,
        chosen: Span | None = None,
        line_up: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self._line_up = line_up
        self._axis, self._words, self._spreads = axis, AXIS_WORDS.get(along, ANY_AXIS), spreads
        if spreads:
            self._words = replace(self._words, decimals=3, step=(axis[1] - axis[0]) / HUNDRED)
        self._labels = {"panes": {p.key: tr(p.label) for p in panes}, "plots": {plot.key: plot.label for plot in plots}}
        self._chosen, self.of_range = chosen, QCheckBox(tr("The chosen range"))
        self.editors: dict[str, QWidget] = {}
        self.panes: dict[str, QCheckBox] = {}
        self.plots: dict[str, QCheckBox] = {}
        self._rows: list[tuple[QWidget, QLabel, str, tuple[str, ...]]] = []
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(12)
        self._form.setVerticalSpacing(9)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        known = {setting.path[-1]: setting for setting in settings_of(settings, every=True)}
        for title, names in ROWS:
            self._add_row(self._words.range if names == RANGE else title, [known[name] for name in names])
            if names == RANGE:
                self._add_range()
            elif names == ("format",) and line_up is not None:
                self._form.addRow(_top(controls.label(tr("Beside it"), "quiet")), line_up)
        self._show_applicable()

    def _add_row(self, title: str, settings: Sequence[Setting]) -> None:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for setting in settings:
            editor, name = self._editor(setting), setting.path[-1]
            editor.setToolTip(self._help_of(setting))
            editor.setAccessibleName(self._label_of(setting))
            self.editors[name] = editor
            row.addWidget(editor, 0 if isinstance(editor, QCheckBox) else 1)
        if all(isinstance(self.editors[setting.path[-1]], QCheckBox) for setting in settings):
            row.addStretch(1)
        label = controls.label(tr(title) if title else self._label_of(settings[0]), "quiet")
        label.setMinimumWidth(LABEL_WIDTH)
        self._form.addRow(label, holder)
        self._rows.append((holder, label, label.text(), tuple(setting.path[-1] for setting in settings)))

    def _add_range(self) -> None:
        """What chooses the range that was dragged on the timeline, or all."""
        self.of_range.setToolTip(tr("Write the range that was chosen on the timeline, or all"))
        self.of_range.setChecked(self._of_range())
        self.of_range.clicked.connect(self._on_of_range)
        self._form.addRow("", self.of_range)

    @Slot(str)
    def set_format(self, format_: str) -> None:
        """Write that format, as if it had been picked."""
        combo = self.editors["format"]
        assert isinstance(combo, controls.Combo)
        combo.set_data(format_)
        self._set("format", format_)

    def _of_range(self) -> bool:
        return self._chosen is not None and (self.settings.low, self.settings.high) == astuple(self._chosen)

    @Slot(bool)
    def _on_of_range(self, on: bool) -> None:
        ends = astuple(self._chosen) if on and self._chosen else self._axis
        for name, value in zip(RANGE, ends, strict=True):
            editor = self.editors[name]
            assert isinstance(editor, QDoubleSpinBox)
            with QSignalBlocker(editor):
                editor.setValue(value)
        low, high = ends  # not as the editors round them: the first and the last frame are to be within
        self.settings = replace(self.settings, low=low, high=high)
        self._show_applicable()
        self.changed.emit()

    def _label_of(self, setting: Setting) -> str:
        return tr(self._words.labels.get(setting.path[-1], setting.label))

    def _help_of(self, setting: Setting) -> str:
        if setting.name == "panes":
            return tr("What is shown side by side.")
        return tr(self._words.helps.get(setting.path[-1], setting.help))

    def _editor(self, setting: Setting) -> QWidget:
        name, value = setting.path[-1], value_at(self.settings, setting.path)
        if name in self._labels:
            return self._boxes(name, value, self.panes if name == "panes" else self.plots)
        if name in self._words.labels:
            return self._real(name, value, *self._axis, self._words.step)
        if setting.kind is bool:
            return self._box(name, tr(setting.label), value)
        if setting.choices is not None:
            return self._choice(name, value, setting.choices)
        assert setting.bounds
        low, high = setting.bounds.low, setting.bounds.high
        if setting.kind is int:
            return self._whole(name, value, int(low), int(high))
        return self._real(name, value, low, high, setting.bounds.step or 1.0)

    def _boxes(self, name: str, chosen: Sequence[str], boxes: dict[str, QCheckBox]) -> QWidget:
        """One box for each of several things that can be chosen together."""
        row = layout.FlowLayout(gap=14, line=6)
        holder = layout.Flowing(row)
        for key, text in self._labels[name].items():
            box = QCheckBox(plain(text))
            box.setChecked(key in chosen)
            box.toggled.connect(lambda: self._set(name, tuple(k for k, b in boxes.items() if b.isChecked())))
            boxes[key] = box
            row.addWidget(box)
        return holder

    def _box(self, name: str, text: str, value: bool) -> QCheckBox:
        box = QCheckBox(text)
        box.setChecked(value)
        box.toggled.connect(lambda on: self._set(name, on))
        return box

    def _choice(self, name: str, value: str, choices: Mapping[str, str]) -> QWidget:
        combo = controls.Combo()
        combo.setMinimumContentsLength(max(map(len, map(tr, choices.values()))) if name == "order" else 4)
        for key, label in choices.items():
            combo.addItem(tr(label), key)
            if name == "format" and (lacks := FORMATS[key].missing()):
                combo.setItemText(combo.count() - 1, tr("{format} · off").format(format=tr(label)))
                combo.setItemData(combo.count() - 1, lacks, Qt.ItemDataRole.ToolTipRole)
        combo.set_data(value)
        combo.picked.connect(lambda key: self._set(name, key))
        return combo

    def _whole(self, name: str, value: int, low: int, high: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        self._say_units(name, spin)
        spin.setValue(value)
        theme.inset(spin)
        spin.valueChanged.connect(lambda n: self._set(name, n))
        controls.keep_wheel(spin)
        return spin

    def _real(self, name: str, value: float, low: float, high: float, step: float) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setDecimals(self._words.decimals if name in self._words.labels else 1)
        spin.setRange(low, high)
        spin.setSingleStep(step)
        spin.setValue(value)
        self._say_units(name, spin)
        theme.inset(spin)
        spin.valueChanged.connect(lambda x: self._set(name, x))
        controls.keep_wheel(spin)
        return spin

    def _say_units(self, name: str, spin: QSpinBox | QDoubleSpinBox) -> None:
        spin.setSuffix(tr(UNITS[name]).format(n="") if name in UNITS else "")
        if name in AUTOMATIC:
            spin.setSpecialValueText(tr("automatic"))

    def _set(self, name: str, value: Any) -> None:
        before, self.settings = self.settings, with_value(self.settings, (name,), value)
        self._follow(before)
        self._show_applicable()
        self.changed.emit()

    def _follow(self, before: ExportSettings) -> None:
        """Show what has changed because it is usual for what a person has changed."""
        for setting in settings_of(self.settings, every=True):
            editor, value = self.editors[setting.path[-1]], value_at(self.settings, setting.path)
            if value != value_at(before, setting.path):
                with QSignalBlocker(editor):
                    if isinstance(editor, controls.Combo):
                        editor.set_data(value)
                    elif isinstance(editor, QSpinBox | QDoubleSpinBox):
                        editor.setValue(value)

    def _show_applicable(self) -> None:
        there = {setting.path[-1]: setting for setting in settings_of(self.settings)}
        for name, editor in self.editors.items():
            editor.setVisible(name in there and (self._spreads or name != "raw"))
        self._bound(there)
        if self._line_up is not None:
            self._form.setRowVisible(self._line_up, self.settings.format in JOINED)
        self.of_range.setChecked(self._of_range())
        self._form.setRowVisible(self.of_range, self._chosen is not None and RANGE[0] in there)
        for holder, label, title, names in self._rows:
            shown = [name for name in names if name in there]
            self._form.setRowVisible(holder, bool(shown))
            alone = len(shown) == 1 and not isinstance(self.editors[shown[0]], QCheckBox)
            label.setText(self._label_of(there[shown[0]]) if alone else title)

    def _bound(self, there: Mapping[str, Setting]) -> None:
        """Give editors of numbers the bounds that hold for the other settings; a value outside moves to the nearest."""
        for name in there.keys() & self.editors.keys():
            editor, bounds = self.editors[name], there[name].bounds
            if bounds and name not in self._words.labels and isinstance(editor, QDoubleSpinBox):
                editor.setRange(bounds.low, bounds.high)
