"""Every recipe from its card on the start page, through its guide, to ordinary layers."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QSlider

from retexture.document.document import walk
from retexture.gui.pair_dialog import PairDialog
from retexture.recipes import RECIPES
from retexture.session.guides import GUIDES
from tests.e2e.driver import Driver


def choose(driver: Driver, dialog: PairDialog, side: str, path: Path) -> None:
    with driver.answering(driver.file(path)):
        driver.click(driver.find(f"{side}_choose", dialog))


def open_from_card(driver: Driver, name: str, original: Path, retouched: Path) -> None:
    """Click the card, choose the pictures, and open them."""
    driver.click(f"recipe_{name.replace('-', '_')}")
    dialog = driver.dialog
    assert isinstance(dialog, PairDialog)
    assert dialog.recipe.name == name
    choose(driver, dialog, "original", original)
    if not RECIPES[name].flat:
        choose(driver, dialog, "retouched", retouched)
    button = driver.find("pair_open", dialog)
    if name == "texture-graft":  # which wants a patch of skin
        for half in (dialog.original, dialog.retouched):
            driver.until(lambda view=half.view: view.picture_rect().width(), "the picture")
        driver.settle()  # what is said of the pictures moves them
        view = driver.find("original_view", dialog)
        middle = view.rect().center()
        driver.drag(view, middle, middle + middle / 8, middle + middle / 3)
    driver.until(button.isEnabled, "the pictures")
    driver.click(button)
    driver.until(lambda: driver.window.session is not None, "the document")
    driver.settle()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_from_its_card_to_ordinary_layers(driver: Driver, pair: tuple[Path, Path], name: str):
    open_from_card(driver, name, *pair)
    session, guide = driver.session, driver.window.guide
    assert session.recipe == name
    assert guide.isVisible()
    assert len(session.history.versions) == 1
    title = guide.findChild(QLabel, "guide_title")
    assert title.text() == RECIPES[name].title
    for number, step in enumerate(GUIDES[name]):
        assert guide.step == step
        assert driver.find(f"guide_step_{number + 1}").isChecked()
        if step.layer:
            assert session.active == step.layer
        last = number == len(GUIDES[name]) - 1
        driver.click("guide_next" if last or number % 2 == 0 else "guide_skip")
        driver.settle()
    assert not guide.isVisible()
    canvas = driver.window.canvas
    assert (canvas.look.mode, canvas.look.plain) == ("single", True), (
        "the guide has left something on the canvas"
    )
    # What is left is a document as any other: each layer can be selected and its values changed.
    driver.click("tool_hand_button")
    for layer in walk(session.document.layers):
        driver.click_layer(layer.key)
        assert session.active == layer.key
        driver.settle()
    before = len(session.history.versions)
    driver.key("4")
    driver.settle()
    assert session.active_layer.opacity == 0.4
    assert len(session.history.versions) == before + 1


@pytest.mark.slow
def test_a_guide_goes_back_and_stops_where_its_layer_has_gone(driver: Driver, pair: tuple[Path, Path]):
    open_from_card(driver, "high-pass", *pair)
    driver.click("guide_next")
    driver.settle()
    driver.click("guide_back")
    driver.settle()
    assert driver.window.guide.step == GUIDES["high-pass"][0]
    driver.click("tool_hand_button")
    driver.click_layer("texture")
    driver.click("layers_delete")
    driver.settle()
    text = driver.find("guide_text", driver.window.guide)
    assert isinstance(text, QLabel)
    assert "no longer in the document" in text.text()
    driver.keys("Ctrl+Z")
    driver.settle()
    words = [w.text() for w in driver.window.guide.findChildren(QLabel, "guide_text") if w.isVisible()]
    assert words == [GUIDES["high-pass"][0].text]


@pytest.mark.slow
def test_a_radius_is_picked_on_the_texture_alone(driver: Driver, pair: tuple[Path, Path]):
    open_from_card(driver, "texture-extractor", *pair)
    canvas = driver.window.canvas
    assert canvas.look.filter == ("texture", "apply_image")
    grey = canvas.panes()[-1].viewport.frame.copy()
    slider = driver.find("guide_pore_radius_slider")
    assert isinstance(slider, QSlider)
    driver.drag_slider(slider, 0.9)
    driver.settle()
    assert (canvas.panes()[-1].viewport.frame != grey).any()
    assert len(driver.session.history.versions) == 2
    driver.keys("Ctrl+Z")
    driver.settle()
    assert (canvas.panes()[-1].viewport.frame == grey).all()
    driver.click("guide_preview")
    driver.settle()
    assert canvas.look.plain
