"""Clone Stamp and the healing tools in the window: keys, options, layers, undo, and the file that keeps it all."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from retexture.document.document import find, walk
from retexture.files.documents import open_document
from retexture.gui.healing_tool import HealingTool
from retexture.render.render import flatten
from tests.e2e.driver import Driver
from tests.e2e.hand import ALT


def keys_of(driver: Driver) -> list[str]:
    return [layer.key for layer in walk(driver.session.document.layers)]


def labels(driver: Driver) -> list[str]:
    return [version.label for version in driver.session.history.versions[1:]]


def small_brush(driver: Driver) -> None:
    """Type the brush's size into its field."""
    field = driver.find("brush_size_px_value")
    driver.click(field)
    driver.type_over("40")
    driver.key(Qt.Key.Key_Return)
    driver.window.canvas.setFocus()


@pytest.mark.slow
def test_texture_is_cloned_and_healed_by_keys_and_mouse(
    driver: Driver, pair: tuple[Path, Path], tmp_path: Path
):
    session = driver.open(*pair)
    driver.click_layer("high")
    driver.settle()
    start, picture = session.document, flatten(session.document)[0]
    # Without a source: told, and nothing else.
    driver.keys("S")
    small_brush(driver)
    driver.stroke((100, 100), (120, 100))
    driver.settle()
    assert driver.messages[-1].startswith("Alt-click in the picture first")
    assert session.document is start
    driver.stroke((200, 80), modifiers=ALT)
    driver.stroke((100, 100), (130, 110))
    driver.settle()
    assert labels(driver) == ["Clone Stamp"]
    assert find(session.document, "high_retouch").name == "High retouch"
    assert session.active == "high"
    # The next strokes go to the same layer.
    driver.keys("J")
    driver.stroke((200, 80), modifiers=ALT)
    driver.stroke((150, 150), (170, 150))
    driver.settle()
    driver.keys("Shift+J")
    assert driver.find("healing_mode").currentText() == "Spot Healing"
    driver.stroke((220, 160))
    driver.settle()
    assert labels(driver) == ["Clone Stamp", "Healing Brush", "Spot Healing"]
    assert keys_of(driver).count("high_retouch") == 1
    driver.keys("Shift+J")
    tool = driver.window.canvas.tool
    assert isinstance(tool, HealingTool)
    assert tool.mode == "patch"
    driver.stroke((60, 150), (100, 150), (100, 190), (60, 190))
    driver.stroke((80, 170), (140, 120), (160, 100))
    driver.settle()
    assert labels(driver)[3:] == ["Patch"]
    done, after = session.document, flatten(session.document)[0]
    assert not np.array_equal(after, picture)
    # Back and forth, to the last bit.
    for _ in range(4):
        driver.keys("Ctrl+Z")
        driver.settle()
    assert session.document is start
    np.testing.assert_array_equal(flatten(session.document)[0], picture)
    for _ in range(4):
        driver.keys("Ctrl+Shift+Z")
        driver.settle()
    assert session.document is done
    # The file has it all.
    path = tmp_path / "retouched.retexture"
    with driver.answering(driver.file(path)):
        driver.keys("Ctrl+S")
    driver.settle()
    np.testing.assert_array_equal(flatten(open_document(path)[0])[0], after)


@pytest.mark.slow
def test_each_tool_has_its_own_brush_and_the_guides_brush_is_the_brushs(
    driver: Driver, pair: tuple[Path, Path]
):
    driver.open(*pair)
    driver.keys("B")
    brush = driver.window.paint.brush
    driver.keys("J")
    small_brush(driver)
    assert driver.window.paint.brush.size_px == 40
    driver.keys("B")
    assert driver.window.paint.brush == brush
    driver.keys("S")
    driver.key("5")
    assert driver.window.paint.brush.opacity == 0.5
    driver.keys("B")
    assert driver.window.paint.brush == brush
