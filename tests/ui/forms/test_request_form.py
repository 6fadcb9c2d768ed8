"""The form has one row for each setting that matters, and follows its draft."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.sampling import VarianceExploding
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.editors import fields_of
from diffviz.ui.forms.request_form import RequestForm, SettingRow
from diffviz.ui.widgets.math_label import rich
from tests.ui.forms.fakes import card


def form_of(qtbot: QtBot, request: Request) -> tuple[RequestForm, Draft, QUndoStack]:
    stack = QUndoStack()
    draft = Draft(request, stack)
    form = RequestForm(draft)
    form.set_card(card())
    qtbot.addWidget(form)
    form.show()
    return form, draft, stack


def row(form: RequestForm, *path: str) -> SettingRow:
    found = form.row(*path)
    assert found is not None
    return found


@pytest.mark.parametrize("request_", [ReverseRequest(), ForwardRequest(), ForwardRequest(model="toy")])
def test_rows_are_the_settings_in_their_order(qtbot: QtBot, request_: Request) -> None:
    form, draft, _ = form_of(qtbot, request_)
    assert form.paths() == tuple(s.path for s in fields_of(draft.request, card()))


def test_every_row_says_what_it_is(qtbot: QtBot) -> None:
    form, _, _ = form_of(qtbot, ReverseRequest())
    for path in form.paths():
        one = row(form, *path)
        assert one.editor.accessibleName()
        assert one.toolTip() == rich(one.setting.help)
        assert one.reset.accessibleName()


def test_another_sampler_changes_only_its_own_rows(qtbot: QtBot) -> None:
    form, draft, stack = form_of(qtbot, ReverseRequest())
    steps = row(form, "steps")
    draft.set_value(("sampler",), "ddpm")
    assert form.row("sampler", "eta") is None
    assert form.row("sampler", "variance") is not None
    assert form.row("steps") is steps
    stack.undo()
    assert form.paths().index(("sampler", "eta")) == form.paths().index(("sampler",)) + 1


def test_a_process_without_beta_has_its_own_settings_and_no_ddpm(qtbot: QtBot) -> None:
    form, draft, stack = form_of(qtbot, PlanarRequest())
    offered = row(form, "schedule").setting.choices
    assert {"flow", "ve"} < set(offered or {})
    assert "DDPM" in texts_of(row(form, "sampler").editor)
    draft.set_value(("schedule",), "ve")
    assert draft.request == PlanarRequest(schedule=VarianceExploding(), spacing="karras")
    assert form.row("schedule", "sigma_max") is not None
    assert form.row("schedule", "timesteps") is None
    assert "DDPM" not in texts_of(row(form, "sampler").editor)
    assert "ancestral" in texts_of(row(form, "sampler").editor)
    draft.set_value(("schedule",), "flow")
    assert form.row("schedule", "sigma_max") is None
    for shown in form.paths():
        setting = row(form, *shown).setting
        assert not {"β", "ᾱ"} & set(setting.label + setting.help), shown
    stack.undo()
    stack.undo()
    assert "DDPM" in texts_of(row(form, "sampler").editor)


def texts_of(editor: QWidget) -> list[str]:
    combo = editor.findChild(QComboBox)
    assert combo is not None
    return [combo.itemText(i) for i in range(combo.count())]


def test_an_unconditional_model_hides_class_and_guidance(qtbot: QtBot) -> None:
    form, _, _ = form_of(qtbot, ReverseRequest())
    form.set_card(card(classes=()))
    assert form.row("label") is None
    assert form.row("guidance") is None


def test_what_is_typed_goes_into_the_draft_and_undo_into_the_row(qtbot: QtBot) -> None:
    form, draft, stack = form_of(qtbot, ReverseRequest())
    spin = row(form, "steps").editor.spin
    spin.selectAll()
    QTest.keyClicks(spin, "25")
    QTest.keyClick(spin, Qt.Key.Key_Return)
    assert draft.request == ReverseRequest(steps=25)
    assert stack.count() == 1
    stack.undo()
    assert spin.value() == 50


def test_the_reset_lights_up_off_the_default_and_goes_back(qtbot: QtBot) -> None:
    form, draft, stack = form_of(qtbot, ReverseRequest())
    guidance = row(form, "guidance")
    assert not guidance.reset.isVisible()
    draft.set_value(("guidance",), 2.0)
    assert guidance.reset.isVisible()
    assert guidance.reset.toolTip() == "Back to 1"
    QTest.mouseClick(guidance.reset, Qt.MouseButton.LeftButton)
    assert draft.request == ReverseRequest()
    assert not guidance.reset.isVisible()
    stack.undo()
    assert guidance.editor.value() == 2.0


def test_labels_and_fields_stand_in_two_columns(qtbot: QtBot) -> None:
    form, _, _ = form_of(qtbot, ReverseRequest())
    form.resize(240, 500)
    lefts = {row(form, *path).editor.geometry().left() for path in form.paths()}
    rights = {row(form, *path).editor.geometry().right() for path in form.paths()}
    assert len(lefts) == 1
    assert len(rights) == 1
