"""Message boxes: which button was chosen, by mouse and by key."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

from retexture.errors import InputError
from retexture.gui import theme
from retexture.gui.messages import MOST_LETTERS, ask, ask_under_way, ask_unsaved, note_words, tell, words
from retexture.recipes.materials import GRID_REMEDY


def then(act):
    """Do something with the box that comes up next."""

    def do():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        act(box)

    QTimer.singleShot(0, do)


def click(name):
    return lambda box: QTest.mouseClick(box.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def press(key):
    return lambda box: QTest.keyClick(box, key)


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (click("unsaved_work_save"), "save"),
        (click("unsaved_work_discard"), "discard"),
        (click("unsaved_work_cancel"), "cancel"),
        (press(Qt.Key.Key_Return), "save"),
        (press(Qt.Key.Key_Escape), "cancel"),
        (lambda box: box.close(), "cancel"),
    ],
)
def test_unsaved_work(parent, act, answer):
    then(act)
    assert ask_unsaved(parent, "portrait.retexture") == answer


def test_unsaved_work_names_the_document(parent):
    texts: list[str] = []

    def read(box):
        texts.append(box.text())
        box.close()

    then(read)
    ask_unsaved(parent, "portrait.retexture")
    assert "portrait.retexture" in texts[0]


def test_ask_and_tell(parent):
    then(press(Qt.Key.Key_Escape))
    answer = ask(
        parent, "which", "Which", "Which of both?", {"one": ("One", "accept"), "two": ("Two", "accept")}
    )
    assert answer == "two"
    names: list[str] = []

    def read(box):
        names.append(box.objectName())
        press(Qt.Key.Key_Return)(box)

    then(read)
    tell(parent, "told", "Done", "It is done.")
    assert names == ["told"]


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (click("under_way_wait"), "wait"),
        (click("under_way_stop"), "stop"),
        (press(Qt.Key.Key_Return), "wait"),
        (press(Qt.Key.Key_Escape), "stay"),
    ],
)
def test_what_is_under_way(parent, act, answer):
    texts: list[str] = []

    def read(box):
        texts.append(box.text())
        act(box)

    then(read)
    assert ask_under_way(parent, ["Exporting a.tif…", "Saving b.retexture", "Opening…"]) == answer
    assert texts == ["Exporting a.tif is still under way. So are 2 others."]


@pytest.fixture
def themed(qapp):
    """The theme's least widths are less than words need."""
    before = qapp.styleSheet()
    qapp.setStyleSheet(theme.style_sheet())
    yield
    qapp.setStyleSheet(before)


@pytest.mark.parametrize(
    "text", ["“picture.tif” could not be written: the disk is full.", "one two three " * 12]
)
def test_all_words_have_room(parent, themed, text):
    lacking: list[str] = []

    def measure(box):
        label = box.findChild(QLabel, "qt_msgbox_label")
        wide = label.fontMetrics().horizontalAdvance(label.text())
        if label.heightForWidth(label.width()) > label.height() if label.wordWrap() else wide > label.width():
            lacking.append(label.text())
        lacking.extend(b.text() for b in box.buttons() if b.sizeHint().width() > b.width())
        box.close()

    then(measure)
    buttons = {name: (f"The button {name}", "accept") for name in ("one", "two", "three")}
    ask(parent, "which", "Which", text, buttons, details="Choose.")
    assert lacking == []


# -- errors in words


@pytest.mark.parametrize(
    ("path", "problem", "remedy", "sentence", "then_do"),
    [
        (
            "/x/a.tif",
            "is damaged or cut off",
            "copy it again",
            "“a.tif” is damaged or cut off.",
            "Copy it again.",
        ),
        ("/x/files", "is a folder", "choose a file", "“files” is a folder.", "Choose a file."),
        (
            "10 pictures",
            "are too many at once",
            "choose two",
            "10 pictures are too many at once.",
            "Choose two.",
        ),
        (
            "/x/a.retexture",
            "is damaged (Bad CRC-32 for file 'pixels/03f0')",
            "copy it again",
            "“a.retexture” is damaged.",
            "Copy it again.",
        ),
        (
            "/x/03f0",
            "this recovery copy is damaged (a file (one) is cut off)",
            "open the last saved file instead",
            "This recovery copy is damaged.",
            "Open the last saved file instead.",
        ),
        (
            "/x/a.tif",
            "its folder does not exist",
            "create the folder",
            "The folder of “a.tif” does not exist.",
            "Create the folder.",
        ),
        (
            "/x/a.tif",
            "exists already",
            "choose another name or add --overwrite",
            "“a.tif” exists already.",
            "Choose another name.",
        ),
        (
            "/x/a.tif",
            "is also an input",
            "choose another name, or add --overwrite to replace it",
            "“a.tif” is also an input.",
            "Choose another name.",
        ),
        (
            "/x/b.tif",
            "cannot be aligned: it shows nothing",
            "choose another picture, or turn alignment off (--align off)",
            "“b.tif” cannot be aligned: it shows nothing.",
            "Choose another picture, or turn alignment off.",
        ),
        (
            "/x/a.jpg",
            "a JPEG has at most 65500 pixels a side",
            "name it .tif or .png",
            "“a.jpg”: a JPEG has at most 65500 pixels a side.",
            "Name it .tif or .png.",
        ),
        (
            "Texture graft",
            "patch leaves the picture",
            "choose other settings",
            "Texture graft: patch leaves the picture.",
            "Choose other settings.",
        ),
        (
            "/x/a.retexture",
            "was saved by a newer Retexture (file version 9; this one reads 3)",
            "update Retexture",
            "“a.retexture” was saved by a newer Retexture (file version 9; this one reads 3).",
            "Update Retexture.",
        ),
    ],
)
def test_errors_are_sentences(path, problem, remedy, sentence, then_do):
    assert words(InputError(path, problem, remedy)) == (sentence, then_do)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (
            "b.tif: is aligned to the original; resampled, 20 x 15 px onto 40 x 30 px; 99% of it matches",
            "“b.tif” is aligned to the original; resampled, 20 × 15 px onto 40 × 30 px; 99 % of it matches",
        ),
        ("b.tif: keeps its pixels", "“b.tif” keeps its pixels"),
        (f"to keep the other: {GRID_REMEDY}", "to keep the other: Keep the shape of: Retouched"),
        ("No skin was found: paint the mask.", "No skin was found: paint the mask."),
    ],
)
def test_notes_are_told_as_the_window_says_things(note, said):
    assert note_words(note) == said


def test_a_long_name_loses_its_middle():
    sentence, _ = words(InputError("/x/first" + 200 * "x" + "last.tif", "is empty", "copy it again"))
    assert len(sentence) <= MOST_LETTERS + len("“…” is empty.")
    assert sentence.startswith("“first")
    assert sentence.endswith("last.tif” is empty.")
