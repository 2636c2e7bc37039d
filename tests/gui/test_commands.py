"""Commands: declared once, run where they can be, and every key means one thing."""

import re
from collections import Counter
from typing import Any

import msgspec
import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow

from retexture.document.edits import replace_layer
from retexture.document.layers import LayerMask, RasterMask
from retexture.errors import InputError
from retexture.gui.brush_tool import BrushTool, EraserTool, GradientTool
from retexture.gui.commands import (
    MENUS,
    Command,
    has_document,
    has_layer,
    has_mask,
    make_action,
    refresh,
    run,
)
from retexture.gui.menu_bar import COMMANDS
from retexture.gui.tools import PanTool, ZoomTool
from retexture.session.masks import black
from retexture.session.session import Session
from tests.gui.small_documents import flat_document

DOCUMENT = flat_document((0.2, 0.4, 0.6), (0.9, 0.1, 0.3))


class Window(QMainWindow):
    """As much of the main window as commands need."""

    def __init__(self, workspace) -> None:
        super().__init__()
        self.workspace = workspace


@pytest.fixture
def window(qtbot, workspace) -> Any:
    made = Window(workspace)
    qtbot.addWidget(made)
    return made


def command(run=lambda window: None, **more) -> Command:
    return Command(
        **({"name": "try_it", "label": "Try It…", "menu": "Edit", "run": run, "help": "Tries it"} | more)
    )


def test_an_action_has_all_that_was_declared(window):
    ran: list[Any] = []
    declared = command(ran.append, keys=("Ctrl+T", "F5"))
    action = make_action(declared, window)
    assert (action.objectName(), action.text(), action.statusTip()) == ("try_it", "Try It…", "Tries it")
    assert [keys.toString() for keys in action.shortcuts()] == ["Ctrl+T", "F5"]
    assert action.toolTip() == "Tries it (Ctrl+T)"
    assert not action.isCheckable()
    action.trigger()
    assert ran == [window]
    assert make_action(command(), window).toolTip() == "Tries it"


def test_a_command_that_cannot_be_run_is_not_run(window):
    ran: list[Any] = []
    run(command(ran.append, enabled=has_document), window)
    assert ran == []
    window.workspace.add(Session(DOCUMENT, title=""))
    run(command(ran.append, enabled=has_document), window)
    assert ran == [window]


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ValueError("Select a layer"), "select a layer"),
        (InputError("a.tif", "is missing", "choose it again"), "choose it again"),
    ],
)
def test_what_the_user_can_mend_is_told(window, error, remedy):
    told: list[str] = []
    window.workspace.message.connect(told.append)

    def fail(window: Any) -> None:
        raise error

    run(command(fail), window)
    assert len(told) == 1
    assert told[0].lower().rstrip(".").endswith(remedy)


def test_a_defect_is_not_hidden(window):
    def fail(window: Any) -> None:
        raise RuntimeError("oops")

    with pytest.raises(RuntimeError):
        run(command(fail), window)


def test_actions_show_whether_they_can_be_run_and_whether_they_are_on(window):
    on = True
    pairs = [
        (c, make_action(c, window))
        for c in (
            command(),
            command(enabled=has_document),
            command(enabled=has_document, checked=lambda w: on),
        )
    ]

    def shown() -> list[tuple[bool, bool]]:
        refresh(pairs, window)
        return [(action.isEnabled(), action.isChecked()) for _, action in pairs]

    assert shown() == [(True, False), (False, False), (False, False)]
    window.workspace.add(Session(DOCUMENT, title=""))
    assert shown() == [(True, False), (True, False), (True, True)]
    on = False
    assert shown()[2] == (True, False)


def test_what_there_is_to_work_on(window):
    def found() -> list[bool]:
        return [has_document(window), has_layer(window), has_mask(window)]

    assert found() == [False, False, False]
    session = Session(DOCUMENT, title="")
    window.workspace.add(session)
    assert found() == [True, True, False]
    layer = DOCUMENT.layers[1]
    masked = msgspec.structs.replace(layer, mask=LayerMask(painted=RasterMask(black(120, 80))))
    session.edit("Mask", lambda d: replace_layer(d, layer.key, masked))
    assert found() == [True, True, True]
    session.select(None)
    assert found() == [True, False, False]


# -- all that are declared


def test_names_are_unique_and_in_snake_case():
    names = Counter(c.name for c in COMMANDS)
    assert {name for name, count in names.items() if count > 1} == set()
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def test_every_command_is_in_a_menu_and_says_what_it_does():
    for c in COMMANDS:
        assert c.menu.split(" > ")[0] in MENUS, c.name
        assert c.label.strip() == c.label != "", c.name
        assert c.help, c.name
        assert not c.help.endswith("."), c.name
        assert len(c.help) < 100, c.name


def test_labels_are_unique_within_their_menu():
    labels = Counter((c.menu, c.label) for c in COMMANDS)
    assert [label for label, count in labels.items() if count > 1] == []


def test_every_key_means_one_thing():
    keys = Counter(QKeySequence(k).toString() for c in COMMANDS for k in c.keys)
    keys.update(tool.key for tool in (BrushTool, EraserTool, GradientTool, PanTool, ZoomTool))
    # Held on the canvas, or typed as numbers.
    keys.update(["C", "Space", "Esc", *"0123456789", *(f"Shift+{digit}" for digit in "0123456789")])
    assert {key for key, count in keys.items() if count > 1} == set()
    assert "" not in keys
