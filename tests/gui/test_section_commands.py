"""What headers, menus and buttons of sections do: one step each."""

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from retexture.document.document import Document, find
from retexture.document.layers import FillLayer, RasterMask, smart
from retexture.document.pixels import Tiles
from retexture.filters.curves import Curves
from retexture.filters.gaussian_blur import GaussianBlur
from retexture.gui.properties_panel import PropertiesPanel
from retexture.gui.workspace import Workspace
from retexture.session.session import Session
from tests.gui.properties import choose, click, recipe, section, shown, steps, value


@pytest.fixture
def hybrid(qtbot: QtBot, workspace: Workspace) -> tuple[PropertiesPanel, Session]:
    return shown(qtbot, workspace, recipe("hybrid-fs"), "high")


def test_a_filters_mask_is_added_switched_and_deleted(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    session.select("retouched_group")
    choose(section(panel, "gaussian_blur"), "section_add_mask")
    item = find(session.document, "retouched_group").filters[0]  # type: ignore[union-attr]
    assert item.mask is not None
    inner = section(panel, "filter_mask")
    assert inner.isVisible()
    click(inner.eye)
    assert value(session, "retouched_group.gaussian_blur.mask.enabled") is False
    choose(inner, "section_delete")
    assert find(session.document, "retouched_group").filters[0].mask is None  # type: ignore[union-attr]
    assert steps(session) == ["Add Filter Mask", "Disable Filter Mask", "Delete Filter Mask"]


def test_eyes_switch_filter_mask_and_component(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    for kind, key, path in (
        ("apply_image", "apply_image", "high.apply_image.enabled"),
        ("mask", "", "high.mask.enabled"),
        ("mask_luminosity", "luminosity", "high.mask.luminosity.enabled"),
    ):
        eye, was = section(panel, kind, key).eye, value(session, path)
        click(eye)
        assert value(session, path) is not was
        assert eye.isChecked() is not was
        session.undo()
        assert eye.isChecked() is was


def test_filter_menu_moves_and_deletes(qtbot: QtBot, workspace: Workspace) -> None:
    layer = FillLayer(key="fill", name="Fill", filters=smart(GaussianBlur(), Curves()))
    panel, session = shown(qtbot, workspace, Document(width_px=8, height_px=8, layers=(layer,)), "fill")

    def keys() -> list[str]:
        return [item.key for item in find(session.document, "fill").filters]  # type: ignore[union-attr]

    assert section(panel, "curves").movable == (False, True)
    choose(section(panel, "gaussian_blur"), "section_up")
    assert keys() == ["curves", "gaussian_blur"]
    assert [s.part.key for s in panel.sections[:2]] == ["gaussian_blur", "curves"]
    choose(section(panel, "curves"), "section_delete")
    assert keys() == ["gaussian_blur"]
    assert steps(session) == ["Move Gaussian Blur", "Delete Curves"]
    session.undo()
    assert panel.section("curves") is not None


def test_mask_buttons(hybrid: tuple[PropertiesPanel, Session], qtbot: QtBot) -> None:
    panel, session = hybrid

    def levels() -> set[int]:
        mask = find(session.document, "high").mask
        assert mask is not None
        assert mask.painted is not None
        return set(np.unique(mask.painted.tiles.to_array()).tolist())

    for name, wanted in (
        ("properties_fill_black", {0}),
        ("properties_invert_mask", {65535}),
        ("properties_fill_white", {65535}),
    ):
        click(panel.findChild(object, name))
        assert levels() == wanted, name
    assert steps(session) == ["Fill black", "Invert mask", "Fill white"]
    with qtbot.waitSignal(panel.mask_view_requested) as asked:
        click(panel.findChild(object, "properties_view_mask"))
    assert asked.args == ["high", None]
    with qtbot.waitSignal(panel.mask_view_requested) as asked:
        click(section(panel, "mask_luminosity").view)
    assert asked.args == ["high", 0]
    assert not section(panel, "mask_luminosity").view.isChecked()
    panel.set_mask_view(("high", 0))
    assert section(panel, "mask_luminosity").view.isChecked()


def test_component_is_deleted_from_its_menu(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    choose(section(panel, "mask_luminosity"), "section_delete")
    mask = find(session.document, "high").mask
    assert mask is not None
    assert mask.components == ()
    # The painted mask alone needs no part of its own.
    assert panel.section("mask_painted") is None
    assert panel.editor("high.mask.density") is not None


def test_generated_mask_alone_goes_with_its_last_component(qtbot: QtBot, workspace: Workspace) -> None:
    tiles = Tiles(64, 48, background=(65535,))
    document = recipe("hybrid-fs")
    high = find(document, "high")
    assert high.mask is not None
    mask = msgspec.structs.replace(
        high.mask, painted=None, components=(RasterMask(tiles=tiles, name="Skin"),)
    )
    layers = (document.layers[0], msgspec.structs.replace(high, mask=mask))
    panel, session = shown(qtbot, workspace, msgspec.structs.replace(document, layers=layers), "high")
    skin = section(panel, "mask_raster")
    assert skin.header.text() == "Generated: Skin"
    choose(skin, "section_delete")
    assert find(session.document, "high").mask is None
    assert panel.section("mask") is None
