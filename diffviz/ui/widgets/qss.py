"""The style sheet of the whole program, written once for all palettes, and the roles that widgets change."""

from __future__ import annotations

from pathlib import Path
from string import Template

from PySide6.QtWidgets import QWidget

from diffviz.domain.panes import Palette


def stylesheet(palette: Palette, controls: Path) -> str:
    """The style sheet in the colours of `palette`; `controls` is the folder of its chevrons and check marks."""
    colours = {name: getattr(palette, name) for name in palette.__dataclass_fields__}
    derived = {
        "hover": mix(palette.field, palette.text, 0.07),
        "pressed": mix(palette.field, palette.text, 0.03),
        "selected": mix(palette.field, palette.cursor, 0.16),
        "handle": mix(palette.edge, palette.quiet, 0.35),
        "handle_hover": mix(palette.edge, palette.quiet, 0.7),
        "strong_edge": mix(palette.edge, palette.quiet, 0.3),
        "faint": mix(palette.panel, palette.quiet, 0.55),
        "primary_hover": mix(palette.cursor, palette.text, 0.15),
        "primary_pressed": mix(palette.cursor, palette.ground, 0.15),
        "selected_text": mix(palette.panel, palette.cursor, 0.35),
        "controls": controls.as_posix(),
        "small": SMALL,
    }
    return Template(TEXT).substitute(colours | derived)


def mix(base: str, over: str, share: float) -> str:
    """`share` of the colour `over` on the colour `base`, all as #rrggbb."""
    pairs = ((int(base[i : i + 2], 16), int(over[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


SMALL = "padding: 1px 7px; min-height: 20px; font-size: 12px;"
"""Of every small button: those with the role "compact", and segments in the line above a stage or in an instrument."""

TEXT = """
QMainWindow, QDialog, QMessageBox { background: $ground; }
QWidget { color: $text; selection-background-color: $selected_text; selection-color: $text; }
QWidget:disabled { color: $faint; }
QFrame[role="panel"] { background: $panel; border: 1px solid $edge; border-radius: 8px; }
QFrame[role="drawer"] { background: $panel; border: 1px solid $strong_edge; border-radius: 8px; }
QFrame[role="line"] { background: $edge; border: none; max-height: 1px; min-height: 1px; }
QLabel { background: transparent; border: none; }
QLabel[role="heading"] { color: $quiet; font-size: 11px; font-weight: 700; letter-spacing: 1px; }
QLabel[role="quiet"] { color: $quiet; }
QLabel[role="small"] { color: $quiet; font-size: 12px; }
QLabel[role="error"] { color: $error; }
QLabel[role="lab"] { font-size: 14px; font-weight: 600; color: $quiet; }
QLabel[role="key"] {
    background: $field; border: 1px solid $edge; border-radius: 4px; padding: 1px 7px; font-weight: 500;
}
QLabel[role="picture"] { background: $ground; border: 1px solid $edge; border-radius: 8px; color: $quiet; }
QLabel[role="loss"] { color: $loss; font-size: 12px; }
QLabel[role="card"] { font-weight: 600; font-size: 12px; }
QLabel[role="title"] { font-size: 17px; font-weight: 700; }

QPushButton, QToolButton {
    background: $field; color: $text; border: 1px solid $edge; border-radius: 6px; padding: 6px 12px;
    min-height: 18px;
}
QPushButton:hover, QToolButton:hover { background: $hover; border-color: $strong_edge; }
QPushButton:pressed, QToolButton:pressed { background: $pressed; }
QPushButton:checked, QToolButton:checked { background: $selected; border-color: $selected; }
QPushButton:focus, QToolButton:focus { border-color: $cursor; outline: none; }
QPushButton:disabled, QToolButton:disabled { background: $panel; color: $faint; border-color: $edge; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0; }
QFileDialog {
    backward-icon: url("$controls/arrow-left.svg"); forward-icon: url("$controls/arrow-right.svg");
    filedialog-parent-directory-icon: url("$controls/arrow-up.svg");
    filedialog-new-directory-icon: url("$controls/folder-plus.svg");
    filedialog-listview-icon: url("$controls/list.svg"); filedialog-detailedview-icon: url("$controls/rows.svg");
}
QFileDialog QToolButton { padding: 5px; min-height: 0; }
QPushButton[role="compact"] { $small }
QPushButton[role="primary"] {
    background: $cursor; color: $on_primary; border: 2px solid $cursor; font-weight: 700; padding: 6px 12px;
}
QPushButton[role="primary"]:hover { background: $primary_hover; border-color: $primary_hover; }
QPushButton[role="primary"]:pressed { background: $primary_pressed; border-color: $primary_pressed; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled { background: $field; color: $faint; border-color: $edge; }
QPushButton[role="icon"] {
    padding: 0; min-width: 30px; max-width: 30px; min-height: 30px; max-height: 30px;
}
QPushButton[role="segment"], QPushButton[role="flat"] {
    background: transparent; border-color: transparent; color: $quiet; font-weight: 600;
}
QPushButton[role="segment"]:hover, QPushButton[role="flat"]:hover { background: $field; color: $text; }
QPushButton[role="segment"]:checked { background: $selected; border-color: $selected; color: $text; }
QPushButton[role="segment"]:focus, QPushButton[role="flat"]:focus { border-color: $cursor; }
QPushButton[role="segment"]:disabled, QPushButton[role="flat"]:disabled { color: $faint; }

QPushButton[role="fold"], QPushButton[role="fold"]:checked, QPushButton[role="fold"]:hover {
    background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 0; min-height: 14px;
    color: $quiet; font-size: 11px; font-weight: 700; letter-spacing: 1px; text-align: left;
}
QPushButton[role="fold"]:hover { color: $text; }
QPushButton[role="fold"]:focus { border-color: $cursor; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    background: $field; color: $text; border: 1px solid $edge; border-radius: 6px; padding: 5px 8px; min-height: 18px;
}
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover { border-color: $strong_edge; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus,
QComboBox:on { border-color: $cursor; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { background: $panel; color:
$faint; } QLineEdit[invalid="true"], QSpinBox[invalid="true"], QDoubleSpinBox[invalid="true"] {
    border-color: $error;
}

QComboBox { padding-right: 26px; combobox-popup: 0; }
QComboBox::drop-down { subcontrol-origin: padding; subcontrol-position: center right; width: 24px; border: none; }
QComboBox::down-arrow { image: url("$controls/chevron-down.svg"); width: 12px; height: 12px; }
QComboBox QLineEdit { border: none; padding: 0; background: transparent; }
QComboBox QAbstractItemView {
    background: $field; border: 1px solid $strong_edge; border-radius: 6px; padding: 4px; outline: none;
}
QComboBox QAbstractItemView::item { padding: 5px 8px; min-height: 18px; border-radius: 4px; }
QComboBox QAbstractItemView::item:hover { background: $hover; }
QComboBox QAbstractItemView::item:selected { background: $selected; color: $text; }

QSpinBox, QDoubleSpinBox { padding: 4px 22px 4px 8px; min-height: 16px; }
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-origin: border; subcontrol-position: top right; width: 20px; height: 14px; border: none; margin: 2px
    2px 0 0; border-radius: 4px;
}
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-origin: border; subcontrol-position: bottom right; width: 20px; height: 14px; border: none;
    margin: 0 2px 2px 0; border-radius: 4px;
}
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: $hover; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$controls/chevron-up.svg"); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url("$controls/chevron-down.svg"); width: 10px; height: 10px;
}

QCheckBox, QRadioButton { spacing: 8px; background: transparent; padding: 2px; border: 1px solid transparent;
border-radius: 4px; } QCheckBox:focus, QRadioButton:focus { border-color: $cursor; }
QCheckBox::indicator, QListView::indicator { width: 14px; height: 14px; border: 1px solid $strong_edge;
border-radius: 4px; background: $field; }
QCheckBox::indicator:hover { border-color: $quiet; }
QCheckBox::indicator:checked, QListView::indicator:checked {
    background: $cursor; border-color: $cursor; image: url("$controls/check.svg");
}
QCheckBox::indicator:disabled { background: $panel; border-color: $edge; }
QCheckBox::indicator:checked:disabled { background: $faint; border-color: $faint;
image: url("$controls/check.svg"); }
QRadioButton::indicator { width: 12px; height: 12px; border: 1px solid $strong_edge; border-radius: 7px; background:
$field; }
QRadioButton::indicator:checked { border: 4px solid $cursor; width: 6px; height: 6px; background: $on_primary; }

QProgressBar {
    background: $field; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; text-align: center; color:
    transparent;
}
QProgressBar::chunk { background: $cursor; border-radius: 4px; }

QSlider::groove:horizontal { background: $edge; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $cursor; border-radius: 2px; }
QSlider::handle:horizontal { background: $cursor; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { border: 2px solid $text; width: 12px; height: 12px; margin: -6px 0; border-radius:
8px; } QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $handle; }

QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: $handle; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $handle_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }

QMenuBar { background: $ground; }
QMenuBar::item { background: transparent; padding: 6px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: $field; }
QMenu { background: $field; border: 1px solid $strong_edge; border-radius: 6px; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 26px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $edge; margin: 5px 8px; }
QMenu::indicator { width: 12px; height: 12px; left: 7px; }
QMenu::indicator:checked { image: url("$controls/check-text.svg"); }
QMenu::right-arrow { image: url("$controls/chevron-right.svg"); width: 12px; height: 12px; right: 8px; }
QToolTip { background: $field; color: $text; border: 1px solid $strong_edge; padding: 2px 4px; }

QTabWidget::pane { border: none; background: transparent; }
QTabBar { background: transparent; border: none; qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: $quiet; font-weight: 600; border: 1px solid transparent; border-radius: 6px;
    padding: 6px 12px; margin-right: 4px;
}
QTabBar::tab:hover { background: $field; color: $text; }
QTabBar::tab:selected { background: $selected; color: $text; }
QTabBar::tab:focus { border-color: $cursor; }

QAbstractItemView { background: $panel; alternate-background-color: $field; border: 1px solid $edge; border-radius:
6px; outline: none; } QTableView { gridline-color: $edge; }
QListView::item, QTreeView::item, QTableView::item { padding: 5px 8px; }
QListView::item, QTreeView::item { border-radius: 6px; border: 1px solid transparent; }
QListView::item:hover, QTreeView::item:hover { background: $field; }
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected { background: $selected; color: $text; }
QListView::item:focus, QTreeView::item:focus { border-color: $cursor; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section {
    background: $panel; color: $quiet; font-weight: 600; border: none; border-bottom: 1px solid $edge;
    padding: 6px 8px;
}
QTableCornerButton::section { background: $panel; border: none; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QGroupBox { border: 1px solid $edge; border-radius: 8px; margin-top: 18px; padding: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 4px; color: $quiet; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $edge; }
QStatusBar { background: $ground; color: $quiet; }
QStatusBar::item { border: none; }
"""


def set_own(widget: QWidget, declarations: str) -> None:
    """Style `widget` alone: neither its children nor its tooltip, which borrows its sheet."""
    widget.setProperty("own", True)
    widget.setStyleSheet(f'*[own="true"] {{ {declarations} }}' if declarations else "")


def set_role(widget: QWidget, role: str) -> None:
    """Give `widget` another role; Qt looks at it again only when it is told to."""
    widget.setProperty("role", role)
    widget.style().polish(widget)
