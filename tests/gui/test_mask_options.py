"""The options of masks, driven by mouse and keys: the edits that they send."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find
from retexture.document.layers import FillLayer, LayerMask, RasterMask
from retexture.document.pixels import Tiles
from retexture.gui.mask_options import MaskOptions
from retexture.gui.workspace import Workspace
from retexture.session.layer_edits import set_locked
from retexture.session.session import Session
from tests.gui.gestures import bring_up, click, drag, heard, move, press

SIZE = (64, 48)


def document() -> Document:
    mask = LayerMask(painted=RasterMask(tiles=Tiles(*SIZE)))
    grey, masked = FillLayer(key="grey", name="Grey"), FillLayer(key="masked", name="Masked", mask=mask)
    return Document(width_px=SIZE[0], height_px=SIZE[1], layers=(grey, masked))


@pytest.fixture
def options(qtbot: QtBot, workspace: Workspace) -> MaskOptions:
    session = Session(document(), title="test")
    session.select("masked", "mask")
    workspace.add(session)
    made = MaskOptions(workspace)
    bring_up(qtbot, made)
    return made


def session_of(options: MaskOptions) -> Session:
    assert options.workspace.session is not None
    return options.workspace.session


def mask_of(options: MaskOptions) -> LayerMask:
    mask = find(session_of(options).document, "masked").mask
    assert mask is not None
    return mask


def levels(options: MaskOptions) -> list[int]:
    painted = mask_of(options).painted
    assert painted is not None
    return np.unique(painted.tiles.to_array()).tolist()


def steps(options: MaskOptions) -> list[str]:
    return [version.label for version in session_of(options).history.versions[1:]]


def test_mask_buttons_are_for_layers_with_a_mask(options: MaskOptions) -> None:
    session = session_of(options)
    assert all(button.isEnabled() for button in options.buttons)
    session.select("grey")
    assert not any(button.isEnabled() for button in options.buttons)
    session.select("masked")
    set_locked(session, ("masked",), True)
    enabled = {button for button in options.buttons if button.isEnabled()}
    assert enabled == {options.rubylith, options.view}
    options.feather.enter(9.0)
    assert mask_of(options).painted.feather_px == options.feather.value() == 0


def test_invert_disable_and_fill_are_one_step_each(options: MaskOptions) -> None:
    click(options.invert)
    assert levels(options) == [65535]
    click(options.off)
    assert not mask_of(options).enabled
    assert options.off.isChecked()
    click(options.fill)
    menu = options.findChild(QMenu, "mask_fill_menu")
    assert isinstance(menu, QMenu)
    black = next(a for a in menu.actions() if a.objectName() == "mask_fill_black_action")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(black).center())
    assert levels(options) == [0]
    assert steps(options) == ["Invert mask", "Disable Layer Mask", "Fill black"]
    assert session_of(options).target == "mask"
    for _ in range(3):
        session_of(options).undo()
    assert not options.off.isChecked()


def test_overlays_are_asked_for(options: MaskOptions) -> None:
    films = heard(options.rubylith_toggled)
    views: list[tuple[str, str | None]] = []
    options.view_requested.connect(lambda *what: views.append(what))
    gradients: list[bool] = []
    options.gradient_requested.connect(lambda: gradients.append(True))
    click(options.rubylith)
    click(options.view)
    click(options.gradient)
    assert (films, views, gradients) == ([True], [("masked", None)], [True])
    assert not options.view.isChecked()  # it shows what the window says
    options.set_view(True)
    options.set_rubylith(False)
    assert (options.view.isChecked(), options.rubylith.isChecked()) == (True, False)


def test_feather_is_one_step_and_escape_restores(options: MaskOptions) -> None:
    click(options.feather_button)
    assert options.popup.isVisible()
    slider = options.feather.slider
    y = slider.height() / 2
    drag(slider, (slider.x_of(0), y), (slider.x_of(0.2), y), (slider.x_of(0.4), y))
    painted = mask_of(options).painted
    assert painted is not None
    assert painted.feather_px > 1
    assert steps(options) == ["Mask feather"]
    press(slider, slider.x_of(0.4), y)
    move(slider, slider.x_of(0.8), y)
    QTest.keyClick(options.feather.edit, Qt.Key.Key_Escape)
    assert mask_of(options).painted == painted
    session_of(options).undo()
    assert options.feather.value() == 0
    options.popup.hide()
