"""What the sections of Properties hold: each parameter once, hidden inputs where they are read."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from retexture.document.document import find
from retexture.document.settings import slots
from retexture.gui.choice_field import ChoiceField
from retexture.gui.properties_panel import PropertiesPanel
from retexture.gui.workspace import Workspace
from retexture.recipes import RECIPES
from retexture.session.session import Session
from tests.gui.gestures import drag
from tests.gui.properties import RADIUS, click, number, recipe, section, shown, steps, value


@pytest.fixture
def hybrid(qtbot: QtBot, workspace: Workspace) -> tuple[PropertiesPanel, Session]:
    return shown(qtbot, workspace, recipe("hybrid-fs"), "high")


def test_filters_are_listed_as_in_the_layers_panel(qtbot: QtBot, workspace: Workspace) -> None:
    panel, _ = shown(qtbot, workspace, recipe("high-pass-blend-if"), "texture")
    document = panel.workspace.session.document  # type: ignore[union-attr]
    applied = [item.key for item in find(document, "texture").filters]  # type: ignore[union-attr]
    assert [s.part.key for s in panel.sections if s.part.role == "filter"] == applied[::-1]


@pytest.mark.parametrize("name", sorted(RECIPES.keys() - {"texture-graft"}))  # that one needs a plate
def test_every_parameter_is_shown_once_with_its_value(qtbot: QtBot, workspace: Workspace, name: str) -> None:
    document = recipe(name)
    panel, session = shown(qtbot, workspace, document, document.layers[-1].key)
    kinds = ("blend_if", "mask_luminosity", "mask_raster", "position", "distortion")
    panel.open_sections = dict.fromkeys(kinds, True)
    for layer in document.layers:
        session.select(layer.key)
        elsewhere = {f"{layer.key}.{field}" for field in ("name", "visible", "locked", "transform.warp")}
        declared = {s.path for s in slots(layer) if ".blend_if." not in s.path} - elsewhere
        bounds = panel._bounds()
        paths = [bound.row.path for bound in bounds]
        eyes = [s.part.eye for s in panel._all() if s.part.eye]
        assert len(paths) == len(set(paths))
        # A mask without components has one switch for both.
        missing = declared - {*paths, *eyes}
        assert missing <= {f"{layer.key}.mask.painted.enabled"}
        for bound in bounds:
            if bound.part.layer == layer.key and bound.row.path in declared:
                assert bound.editor.value() == value(session, bound.row.path), bound.row.path


def test_hidden_low_can_be_changed_where_it_is_read(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    inner = section(panel, "apply_image").inner
    assert [s.part.title for s in inner] == ["Reads: Low (hidden) – Gaussian Blur"]
    slider = number(panel, RADIUS).slider
    y = slider.height() / 2
    start = slider.value() / slider.STEPS
    drag(slider, (slider.x_of(start), y), (slider.x_of(0.8), y))
    assert value(session, RADIUS) > 6
    assert value(session, "retouched_group.gaussian_blur.radius_px") == value(session, RADIUS)
    assert steps(session) == ["Gaussian Blur radius"]


def test_source_is_a_list_of_layers(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    field = panel.editor("high.apply_image.source")
    assert isinstance(field, ChoiceField)
    names = [field.combo.itemText(i) for i in range(field.combo.count())]
    assert names == ["Merged (beneath)", "Low (hidden)", "Retouched", "Retouched"]
    assert field.combo.currentText() == "Low (hidden)"
    field.combo.setFocus()
    QTest.keyClick(field.combo, Qt.Key.Key_Up)
    assert value(session, "high.apply_image.source") == "merged"
    session.undo()
    again = panel.editor("high.apply_image.source")
    assert isinstance(again, ChoiceField)
    assert again.combo.currentText() == "Low (hidden)"


def test_apply_image_shows_scale_and_offset_only_where_they_count(
    hybrid: tuple[PropertiesPanel, Session],
) -> None:
    panel, session = hybrid
    scale, offset = panel.editor("high.apply_image.scale"), panel.editor("high.apply_image.offset")
    assert scale is not None
    assert offset is not None
    assert (scale.isVisible(), offset.isVisible()) == (True, True)
    session.set("high.apply_image.blending", "multiply", "blending")
    assert (scale.isVisible(), offset.isVisible()) == (False, False)
    session.set("high.apply_image.blending", "subtract", "blending")
    assert (scale.isVisible(), offset.isVisible()) == (True, True)


def test_component_shows_what_its_kind_needs(hybrid: tuple[PropertiesPanel, Session]) -> None:
    panel, session = hybrid
    click(section(panel, "mask_luminosity").header)
    power, ends = panel.editor("high.mask.luminosity.power"), panel.editor("high.mask.luminosity.range")
    assert power is not None
    assert ends is not None
    assert (power.isVisible(), ends.isVisible()) == (True, False)
    session.set("high.mask.luminosity.kind", "range", "kind")
    assert (power.isVisible(), ends.isVisible()) == (False, True)
    assert section(panel, "mask_luminosity").header.text() == "Luminosity: Range"
