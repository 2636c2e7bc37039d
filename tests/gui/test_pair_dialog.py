"""The dialog for an original and a retouched picture: guessed, swapped, chosen, and what the recipe must know."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from retexture.files.images import read_image
from retexture.gui import file_dialogs
from retexture.gui.number_field import NumberField
from retexture.gui.pair_dialog import PairDialog
from retexture.gui.picture_reading import make_thumbnail
from retexture.recipes import RECIPES
from tests.gui.portraits import HEIGHT, WIDTH, write_pair


@pytest.fixture
def show(qtbot, workspace):
    def show(*paths, wait=True, **options):
        dialog = PairDialog(workspace, *paths, **options)
        qtbot.addWidget(dialog)
        dialog.open()
        if wait:
            qtbot.waitUntil(lambda: workspace.idle)
        return dialog

    return show


def names(dialog):
    return tuple(well.reading.path.name for well in (dialog.original, dialog.retouched))


def reason(dialog):
    return dialog.findChild(QLabel, "pair_reason").text()


def click(dialog, name):
    QTest.mouseClick(dialog.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def choose_recipe(dialog, name):
    box = dialog.findChild(QComboBox, "pair_recipe")
    box.setCurrentIndex(box.findData(name))
    QApplication.processEvents()


def test_the_grainy_picture_is_guessed_as_the_original_and_the_reason_told(show, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    dialog = show(smooth, grainy, guess=True)
    assert names(dialog) == ("IMG_1.tif", "IMG_2.tif")
    assert "IMG_1.tif has" in reason(dialog)


def test_without_a_guess_the_order_is_kept(show, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    dialog = show(smooth, grainy)
    assert names(dialog) == ("IMG_2.tif", "IMG_1.tif")
    assert reason(dialog) == ""


def test_a_swap_has_the_last_word(show, tmp_path, qtbot, workspace):
    grainy, smooth = write_pair(tmp_path)
    dialog = show(smooth, grainy, guess=True, wait=False)
    click(dialog, "pair_swap")
    click(dialog, "pair_swap")
    qtbot.waitUntil(lambda: workspace.idle)
    assert names(dialog) == ("IMG_2.tif", "IMG_1.tif")
    assert reason(dialog) == ""


def test_what_was_accepted_before_the_guess_is_still_to_be_guessed(show, tmp_path, workspace, qtbot):
    dialog = show(*write_pair(tmp_path), guess=True, wait=False)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.choice.guess
    qtbot.waitUntil(lambda: workspace.idle)
    assert dialog.choice.original.image is not None


def test_enter_opens_with_the_usual_recipe(show, tmp_path):
    dialog = show(*write_pair(tmp_path), guess=True)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    choice = dialog.choice
    assert (choice.recipe, choice.guess, choice.settings) == ("auto", False, ())


def test_all_recipes_for_two_pictures_can_be_chosen(show, tmp_path):
    dialog = show(*write_pair(tmp_path), recipe="grain")
    box = dialog.findChild(QComboBox, "pair_recipe")
    assert {box.itemData(i) for i in range(box.count())} == {n for n, r in RECIPES.items() if not r.flat}
    assert dialog.recipe is RECIPES["grain"]
    choose_recipe(dialog, "high-pass")
    assert dialog.choice.recipe == "high-pass"


def test_a_recipe_on_one_picture_asks_for_one(show, tmp_path):
    dialog = show(recipe="texture-extractor")
    assert not dialog.retouched.isVisible()
    open_ = dialog.findChild(QPushButton, "pair_open")
    assert not open_.isEnabled()
    dialog.set_path(dialog.original, write_pair(tmp_path)[0])
    assert open_.isEnabled()
    assert dialog.choice.retouched is None


def test_pictures_are_chosen_from_a_folder(show, tmp_path, monkeypatch, qtbot, workspace):
    grainy, smooth = write_pair(tmp_path)
    answers = iter([str(grainy), "", str(smooth)])
    monkeypatch.setattr(file_dialogs, "choose_file", lambda *_: next(answers))
    dialog = show()
    for name in ("original_choose", "retouched_choose", "retouched_choose"):
        click(dialog, name)
    qtbot.waitUntil(lambda: workspace.idle)
    assert names(dialog) == (grainy.name, smooth.name)
    assert dialog.findChild(QPushButton, "pair_open").isEnabled()


def test_a_picture_is_dropped_on_its_place(show, tmp_path, qtbot, workspace):
    grainy, _ = write_pair(tmp_path)
    dialog = show()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(grainy))])
    left, copy, none = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, mime, left, none)
    QApplication.sendEvent(dialog.retouched, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(dialog.retouched, QDropEvent(QPointF(5, 5), copy, mime, left, none))
    qtbot.waitUntil(lambda: workspace.idle)
    assert dialog.retouched.reading.path == grainy
    assert dialog.original.reading is None


def test_an_unreadable_picture_is_told_and_shown_in_full(show, tmp_path, qtbot):
    grainy, smooth = write_pair(tmp_path)
    smooth.write_bytes(smooth.read_bytes()[:200])
    dialog = show(grainy, smooth, guess=True)
    assert not dialog.findChild(QPushButton, "pair_open").isEnabled()
    problem = dialog.retouched.reading.problem
    assert problem.problem in dialog.retouched.view.accessibleDescription()
    shown = next(label for label in dialog.retouched.findChildren(QLabel) if problem.remedy in label.text())
    qtbot.waitUntil(lambda: shown.height() >= shown.heightForWidth(shown.width()) > 0)


def test_different_sizes_are_told(show, tmp_path):
    grainy, _ = write_pair(tmp_path)
    large, _ = write_pair(tmp_path, "large.tif", "large_2.tif", scale=2)
    assert "sizes differ" in reason(show(grainy, large))


def test_pictures_are_aligned_for_the_automatic_restoration_and_where_their_sizes_differ(show, tmp_path):
    grainy, smooth = write_pair(tmp_path)
    _, large = write_pair(tmp_path, "large.tif", "large_2.tif", scale=2)
    dialog = show(grainy, smooth)
    assert dialog.choice.aligned
    choose_recipe(dialog, "high-pass")
    assert not dialog.choice.aligned
    dialog = show(grainy, large, recipe="high-pass")
    assert dialog.choice.aligned
    assert "aligned to" in reason(dialog)


def test_who_has_switched_alignment_has_the_last_word(show, tmp_path):
    grainy, _ = write_pair(tmp_path)
    _, large = write_pair(tmp_path, "large.tif", "large_2.tif", scale=2)
    dialog = show(grainy, large)
    QTest.mouseClick(dialog.findChild(QCheckBox, "pair_align"), Qt.MouseButton.LeftButton)
    assert not dialog.choice.aligned
    assert "stretched onto" in reason(dialog)
    choose_recipe(dialog, "hybrid-fs")
    choose_recipe(dialog, "auto")
    assert not dialog.choice.aligned


def choose_shape(dialog, key):
    combo = dialog.findChild(QComboBox, "pair_grid_choice")
    combo.setFocus()
    QTest.keyClick(combo, key)


def test_the_shape_of_either_picture_is_kept(show, tmp_path):
    grainy, _ = write_pair(tmp_path)
    _, large = write_pair(tmp_path, "large.tif", "large_2.tif", scale=2)
    dialog = show(grainy, large)
    assert dialog.choice.grid == "original"
    assert dialog.findChild(QLabel, "pair_grid_label").text() == "Keep the shape of"
    combo = dialog.findChild(QComboBox, "pair_grid_choice")
    assert [combo.itemText(i) for i in range(combo.count())] == ["Original", "Retouched"]
    assert "liquified" in combo.toolTip()
    choose_shape(dialog, Qt.Key.Key_Down)
    assert dialog.choice.grid == "retouched"
    assert "the original is aligned to the retouched picture" in reason(dialog)


def test_a_patch_lies_in_the_shape_of_the_original(show, tmp_path):
    dialog = show(*write_pair(tmp_path))
    choose_shape(dialog, Qt.Key.Key_Down)
    choose_recipe(dialog, "texture-graft")
    assert dialog.choice.grid == "original"
    assert not dialog.findChild(QComboBox, "pair_grid_choice").isEnabled()


@pytest.mark.parametrize("recipe", [name for name, recipe in RECIPES.items() if not recipe.flat])
def test_no_label_is_cut_short(show, tmp_path, recipe):
    dialog = show(*write_pair(tmp_path), recipe=recipe)
    labels = [label for label in dialog.findChildren(QLabel) if label.objectName().endswith("_label")]
    assert len(labels) > 0
    assert not any("…" in label.text() for label in labels)


def test_cancel_gives_the_pictures_up(show, tmp_path, workspace, qtbot):
    dialog = show(*write_pair(tmp_path), wait=False)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert workspace.jobs.active == ()
    qtbot.waitUntil(lambda: workspace.idle)
    assert dialog.original.reading.image is None


# -- the texture graft, which must know where the skin is clean


def test_a_graft_needs_a_patch_that_is_dragged_on_the_original(show, tmp_path):
    dialog = show(*write_pair(tmp_path))
    choose_recipe(dialog, "texture-graft")
    assert not dialog.findChild(QPushButton, "pair_open").isEnabled()
    assert "clean skin" in reason(dialog)
    view, shown = dialog.original.view, dialog.original.view.picture_rect()
    assert (shown.width(), shown.height()) == (WIDTH, HEIGHT)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=shown.topLeft() + QPoint(10, 8))
    QTest.mouseMove(view, shown.topLeft() + QPoint(40, 30))
    QTest.mouseMove(view, shown.topLeft() + QPoint(29, 27))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=shown.topLeft() + QPoint(29, 27))
    assert dialog.findChild(QPushButton, "pair_open").isEnabled()
    assert dialog.choice.settings == ("patch=10,8,20,20",)


def test_a_swap_forgets_the_patch(show, tmp_path):
    dialog = show(*write_pair(tmp_path), recipe="texture-graft")
    dialog.original.view.patch_dragged.emit("1,1,20,20")
    assert dialog.choice.settings == ("patch=1,1,20,20",)
    click(dialog, "pair_swap")
    assert dialog.choice.settings == ()


def test_options_are_typed(show, tmp_path):
    dialog = show(*write_pair(tmp_path), recipe="texture-graft")
    for option, text in (("patch", "2,2,30,30"), ("radius_px", "4.5")):
        edit = dialog.findChild(QWidget, f"option_{option}").findChild(QLineEdit)
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, text)
        edit.clearFocus()
    assert dialog.choice.settings == ("patch=2,2,30,30", "radius_px=4.5")
    assert isinstance(dialog.findChild(QWidget, "option_seed"), NumberField)


# -- thumbnails


def test_a_thumbnail_fits_and_keeps_the_colours(tmp_path):
    grainy, _ = write_pair(tmp_path, scale=8)
    image = read_image(grainy)
    thumbnail = make_thumbnail(image, 100, 100)
    assert (thumbnail.width(), thumbnail.height()) == (100, 75)
    mean = image.colour.reshape(3, -1).mean(1) / 257
    colours = [thumbnail.pixelColor(x, y) for x in range(100) for y in range(75)]
    pixels = [(colour.red(), colour.green(), colour.blue()) for colour in colours]
    for channel in range(3):
        assert abs(sum(p[channel] for p in pixels) / len(pixels) - mean[channel]) < 2
