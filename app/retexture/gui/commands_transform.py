"""The Edit menu's transforms."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from retexture.document.transform import IDENTITY, Placement, Transform
from retexture.gui.commands import Command, has_layer
from retexture.gui.transform_tool import BOX_CHANGES, Way
from retexture.session.transforming import FreeTransform

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow


def _box(label: str, way: Way | None = None) -> "Callable[[MainWindow], None]":
    """Return what shows the transform box around the active layer, or lets the one under way do something else."""

    def run(window: "MainWindow") -> None:
        assert window.session is not None
        window.set_tool("move")
        window.transforming.begin(window.session, label)
        if way is not None:
            window.transforming.take(way)
        window.canvas.setFocus()

    return run


WAYS: tuple[tuple[str, str, Way, str], ...] = (
    ("scale", "Scale", "free", "Scale the layer by the handles of a box"),
    ("rotate", "Rotate", "free", "Turn the layer by a drag outside a box"),
    ("distort", "Distort", "distort", "Drag each corner of the layer by itself"),
    ("perspective", "Perspective", "perspective", "Drag a corner; the one beside it goes the other way"),
    ("warp", "Warp", "warp", "Bend the layer by the points of a mesh"),
)
"""Name, label, what drags do, and help."""


def _change(label: str, change: Callable[[Placement], Transform]) -> "Callable[[MainWindow], None]":
    """Return what changes the box under way, or the active layer at once."""

    def run(window: "MainWindow") -> None:
        session, state = window.session, window.transforming
        assert session is not None
        if state.box is not None:
            state.change(change)
            return
        box = FreeTransform(session, label)
        state.tell_selection(session)
        box.set(change(box.place))
        told = box.commit()
        if told is not None:
            window.workspace.message.emit(told)

    return run


COMMANDS = (
    Command(
        "free_transform",
        "Free Transform",
        "Edit",
        _box("Free Transform"),
        "Scale, turn and distort the layer by the handles of a box",
        ("Ctrl+T",),
        has_layer,
        separator=True,
    ),
    *(
        Command(name, label, "Edit > Transform", _box(label, way), words, (), has_layer)
        for name, label, way, words in WAYS
    ),
    *(
        Command(
            name,
            label,
            "Edit > Transform",
            _change(label, change),
            "Of the layer, or of the box while it is shown",
            (),
            has_layer,
            separator=i == 0,
        )
        for i, (name, label, change) in enumerate(BOX_CHANGES)
    ),
    Command(
        "reset_transform",
        "Reset",
        "Edit > Transform",
        _change("Reset Transform", lambda _place: IDENTITY),
        "Show the layer as its source is",
        (),
        has_layer,
        separator=True,
    ),
)
