"""The View menu: zoom, turning, comparing, overlays."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtGui import QColor

from retexture.gui import file_dialogs, theme
from retexture.gui.commands import Command, Key, has_document, has_target_mask
from retexture.gui.screen_profile import profile_folder
from retexture.session import pictures

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

SURROUNDS = (
    ("surround_dark", "Dark Grey", theme.CANVAS),
    ("surround_grey", "Middle Grey", "#7f7f7f"),
    ("surround_black", "Black", "#000000"),
    ("surround_white", "White", "#ffffff"),
)


def _toggle_mode(window: "MainWindow", mode: str) -> None:
    canvas = window.canvas
    canvas.set_look(mode="single" if canvas.look.mode == mode else mode)


def _toggle_mask_view(window: "MainWindow") -> None:
    session = window.workspace.session
    if session is not None and session.active is not None:
        window.canvas.toggle_mask_view(session.active, pictures.component_of(session.target))


def _swap(window: "MainWindow") -> None:
    look = window.canvas.look
    window.canvas.set_look(before=look.after, after=look.before)


def _next_before(window: "MainWindow") -> None:
    """Compare with the next picture: original, retouched, snapshots."""
    session = window.workspace.session
    assert session is not None
    choices = [name for name in pictures.names(session) if name != pictures.RESULT]
    if choices:
        now = window.canvas.look.before
        index = choices.index(now) + 1 if now in choices else 0
        window.canvas.set_look(before=choices[index % len(choices)])


def _set_surround(colour: str) -> "Callable[[MainWindow], None]":
    def run(window: "MainWindow") -> None:
        window.canvas.surround = QColor(colour)
        window.canvas.update()

    return run


def _has_surround(colour: str) -> "Callable[[MainWindow], bool]":
    return lambda window: window.canvas.surround == QColor(colour)


def _choose_screen_profile(window: "MainWindow") -> None:
    place = str(profile_folder(window.workspace.preferences.screen_profile))
    name = file_dialogs.choose_file(window, "Screen Profile", place, "ICC profiles (*.icc *.icm)")
    if name:
        _set_screen_profile(window, name)


def _set_screen_profile(window: "MainWindow", path: str) -> None:
    """Take the screen's profile from a file, or sRGB where the path is empty; remember it."""
    window.screen_profile.choose(Path(path) if path else None)
    workspace = window.workspace
    workspace.preferences = msgspec.structs.replace(workspace.preferences, screen_profile=path)


COMMANDS = (
    Command(
        "zoom_in",
        "Zoom In",
        "View",
        lambda w: w.canvas.zoom_step(1),
        "Show the picture larger",
        ("Ctrl++", "Ctrl+="),
        has_document,
    ),
    Command(
        "zoom_out",
        "Zoom Out",
        "View",
        lambda w: w.canvas.zoom_step(-1),
        "Show the picture smaller",
        ("Ctrl+-",),
        has_document,
    ),
    Command(
        "fit",
        "Fit on Screen",
        "View",
        lambda w: w.canvas.fit(),
        "Show all of the picture",
        ("Ctrl+0",),
        has_document,
    ),
    Command(
        "zoom_100",
        "100 %",
        "View",
        lambda w: w.canvas.zoom_to(1.0),
        "One picture pixel on one screen pixel",
        ("Ctrl+1",),
        has_document,
    ),
    Command(
        "zoom_200",
        "200 %",
        "View",
        lambda w: w.canvas.zoom_to(2.0),
        "One picture pixel on two by two screen pixels",
        (),
        has_document,
    ),
    Command(
        "rotate_view_right",
        "Rotate View Right",
        "View",
        lambda w: w.canvas.set_view(w.canvas.view.turned(15)),
        "Turn the view by 15 degrees; the picture stays as it is",
        ("Shift+R",),
        has_document,
        separator=True,
    ),
    Command(
        "rotate_view_left",
        "Rotate View Left",
        "View",
        lambda w: w.canvas.set_view(w.canvas.view.turned(-15)),
        "Turn the view back by 15 degrees",
        ("Ctrl+Shift+R",),
        has_document,
    ),
    Command(
        "flip_view",
        "Flip View",
        "View",
        lambda w: w.canvas.flip_view(),
        "Mirror the view: a fresh eye on the picture",
        ("Shift+F",),
        has_document,
        lambda w: w.canvas.view.flipped,
    ),
    Command(
        "reset_view",
        "Reset View",
        "View",
        lambda w: w.canvas.reset_view(),
        "Upright, not mirrored, all of it",
        ("Ctrl+Alt+0",),
        has_document,
    ),
    Command(
        "side_by_side",
        "Side by Side",
        "View > Compare",
        lambda w: _toggle_mode(w, "side"),
        "Before and after beside each other",
        ("Y",),
        has_document,
        lambda w: w.canvas.look.mode == "side",
        separator=True,
    ),
    Command(
        "one_above_other",
        "One above the Other",
        "View > Compare",
        lambda w: _toggle_mode(w, "stack"),
        "Before above after",
        ("Alt+Y",),
        has_document,
        lambda w: w.canvas.look.mode == "stack",
    ),
    Command(
        "split_wipe",
        "Split with a Line",
        "View > Compare",
        lambda w: _toggle_mode(w, "wipe"),
        "A wipe: before and after on either side of a line to drag",
        ("Shift+Y",),
        has_document,
        lambda w: w.canvas.look.mode == "wipe",
    ),
    Command(
        "swap_pictures", "Swap", "View > Compare", _swap, "Swap before and after", ("Shift+X",), has_document
    ),
    Command(
        "next_before",
        "Next Picture Before",
        "View > Compare",
        _next_before,
        "Compare with the next one: original, retouched, snapshots",
        ("Shift+C",),
        has_document,
    ),
    Command(
        "rubylith",
        "Mask Overlay",
        "View",
        lambda w: w.canvas.set_look(rubylith=not w.canvas.look.rubylith),
        "A red film where the mask hides",
        ("\\",),
        has_target_mask,
        lambda w: w.canvas.look.rubylith,
        separator=True,
    ),
    Command(
        "view_mask",
        "View Mask",
        "View",
        _toggle_mask_view,
        "Show the layer's mask as a grey picture",
        ("Alt+\\",),
        has_target_mask,
        lambda w: w.canvas.look.mask_of is not None,
    ),
    Command(
        "texture_loss",
        "Texture Loss",
        "View",
        lambda w: w.loss.switch(not w.loss.is_on),
        "Colours over the picture tell how much texture the retouching took",
        ("Ctrl+Alt+L",),
        lambda w: w.loss.is_possible,
        lambda w: w.loss.is_on,
    ),
    *(
        Command(
            name,
            label,
            "View > Surround",
            _set_surround(colour),
            "The colour around the picture",
            (),
            has_document,
            _has_surround(colour),
        )
        for name, label, colour in SURROUNDS
    ),
    Command(
        "screen_profile",
        "Screen Profile…",
        "View",
        _choose_screen_profile,
        "The .icc profile of this screen, where the system does not tell it",
    ),
    Command(
        "screen_srgb",
        "Screen Is sRGB",
        "View",
        lambda w: _set_screen_profile(w, ""),
        "Take the screen as sRGB",
    ),
)

KEYS = (
    Key("Space", "Hold and drag: move the picture", "View"),
    Key("Middle button", "Drag: move the picture", "View"),
    Key("Wheel", "Zoom at the cursor; with Shift scroll sideways", "View"),
    Key("C", "Hold: show the picture before", "View"),
)
