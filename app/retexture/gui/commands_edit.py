"""The Edit menu: history, and what brushes do to masks."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from retexture.gui.commands import Command, Key, has_document, has_target_mask
from retexture.gui.fill_dialog import ask_fill, fill_at_once
from retexture.session import masks
from retexture.session.painting import edit_mask
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def can_edit_mask(window: "MainWindow") -> bool:
    """Whether `edit_mask` has something to change."""
    session = window.workspace.session
    return has_target_mask(window) or (session is not None and session.quick_mask)


def _mask(edit: Callable[[Session], None]) -> "Callable[[MainWindow], None]":
    def run(window: "MainWindow") -> None:
        assert window.session is not None
        edit(window.session)

    return run


def _can_undo(window: "MainWindow") -> bool:
    session = window.session
    return session is not None and (session.gesture is not None or session.history.undo_label is not None)


def _can_redo(window: "MainWindow") -> bool:
    return window.session is not None and window.session.history.redo_label is not None


def _undo(window: "MainWindow") -> None:
    assert window.session is not None
    window.session.undo()


def _redo(window: "MainWindow") -> None:
    assert window.session is not None
    window.session.redo()


def _snapshot(window: "MainWindow") -> None:
    session = window.session
    assert session is not None
    session.snapshot(session.history.free_name())


def _step_brush(direction: int, hardness: bool = False) -> "Callable[[MainWindow], None]":
    return lambda window: window.paint.set_brush(window.paint.brush.stepped(direction, hardness))


def _reset_colours(window: "MainWindow") -> None:
    window.paint.set_white(True)


COMMANDS = (
    Command("undo", "Undo", "Edit", _undo, "Take the last step back", ("Ctrl+Z",), _can_undo),
    Command("redo", "Redo", "Edit", _redo, "Do it again", ("Ctrl+Shift+Z", "Ctrl+Y"), _can_redo),
    Command(
        "new_snapshot", "New Snapshot", "Edit", _snapshot, "Keep the document as it is now", (), has_document
    ),
    Command(
        "fill",
        "Fill…",
        "Edit",
        ask_fill,
        "Fill the layer or its mask, as far as it is selected, with grey, white, black or the brush's colour",
        ("Shift+F5",),
        has_document,
        separator=True,
    ),
    Command(
        "fill_foreground",
        "Fill with Foreground",
        "Edit",
        lambda window: fill_at_once(window, foreground=True),
        "Fill the layer with the brush's colour, or its mask with the white or black that the brush paints",
        ("Alt+Backspace",),
        has_document,
    ),
    Command(
        "fill_background",
        "Fill with Background",
        "Edit",
        lambda window: fill_at_once(window, foreground=False),
        "Fill the layer with black, or clear its mask; after X, which swaps white and black, fill with white",
        ("Ctrl+Backspace",),
        has_document,
    ),
    Command(
        "invert_mask",
        "Invert Mask",
        "Edit > Mask",
        _mask(lambda session: edit_mask(session, "Invert mask", masks.invert)),
        "Swap shown and hidden; Ctrl+I does so where the mask is what is painted on",
        (),
        can_edit_mask,
    ),
    Command(
        "brush_smaller",
        "Smaller Brush",
        "Edit > Brush",
        _step_brush(-1),
        "Make the brush smaller",
        ("[",),
        has_document,
    ),
    Command(
        "brush_larger",
        "Larger Brush",
        "Edit > Brush",
        _step_brush(1),
        "Make the brush larger",
        ("]",),
        has_document,
    ),
    Command(
        "brush_softer",
        "Softer Brush",
        "Edit > Brush",
        _step_brush(-1, hardness=True),
        "Lower the brush's hardness",
        ("Shift+[", "{"),
        has_document,
    ),
    Command(
        "brush_harder",
        "Harder Brush",
        "Edit > Brush",
        _step_brush(1, hardness=True),
        "Raise the brush's hardness",
        ("Shift+]", "}"),
        has_document,
    ),
    Command(
        "swap_colours",
        "Swap White and Black",
        "Edit > Brush",
        lambda w: w.paint.set_white(not w.paint.white),
        "Paint masks with the other one",
        ("X",),
        has_document,
    ),
    Command(
        "reset_colours",
        "Default Colours (White)",
        "Edit > Brush",
        _reset_colours,
        "Paint masks with white",
        ("D",),
        has_document,
    ),
)

KEYS = (
    Key("0-9", "Opacity of the brush, or of the layer with another tool; two digits for 1 % steps", "Brush"),
    Key("Shift+0-9", "Flow of the brush, or fill of the layer", "Brush"),
    Key("Shift+click", "Straight stroke from where the last one ended", "Brush"),
    Key("Alt+click", "On a paint layer: take the colour of the picture", "Brush"),
    Key("Alt+right-drag", "Left and right: size; up and down: hardness", "Brush"),
    Key("Esc", "Give up the stroke or the drag under way", "Edit"),
)
