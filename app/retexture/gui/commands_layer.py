"""The Layer and Filter menus."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog

from retexture.declare import parameters
from retexture.document.layers import GroupLayer
from retexture.errors import InputError
from retexture.filters import FILTERS, Filter
from retexture.filters.apply_image import ApplyImage
from retexture.filters.invert import Invert
from retexture.filters.texture_gain import TextureGain
from retexture.gui import commands_dodge, commands_mask
from retexture.gui.commands import Command, has_document, has_layer, has_mask
from retexture.gui.filter_dialog import FilterDialog
from retexture.gui.layers_tree import LayersTree
from retexture.session import filter_edits, layer_edits, mask_edits, masks, merging
from retexture.session.layer_edits import ADJUSTMENTS, Colour, Direction
from retexture.session.mask_edits import MaskKind
from retexture.session.painting import edit_mask
from retexture.session.session import Session

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

Run = Callable[["MainWindow"], None]


def _session(window: "MainWindow") -> Session:
    session = window.workspace.session
    if session is None:
        raise InputError("Layers", "no document is open", "open one first")
    return session


def _active(window: "MainWindow") -> tuple[Session, str]:
    session = _session(window)
    if session.active is None:
        raise InputError("Layers", "no layer is selected", "select one in the Layers panel")
    return session, session.active


def _selected(window: "MainWindow") -> tuple[str, ...]:
    """Return the keys of the layers that the Layers panel has selected, or of the active one."""
    tree = window.findChild(LayersTree)
    _, active = _active(window)
    return tree.selected_keys() if tree is not None else (active,)


def _is_group(window: "MainWindow") -> bool:
    session = window.workspace.session
    return session is not None and isinstance(session.active_layer, GroupLayer)


def _has_any_mask(window: "MainWindow") -> bool:
    session = window.workspace.session
    layer = None if session is None else session.active_layer
    return layer is not None and layer.mask is not None


def _lacks_painted_mask(window: "MainWindow") -> bool:
    return has_layer(window) and not has_mask(window)


def _mask_is_off(window: "MainWindow") -> bool:
    session = window.workspace.session
    layer = None if session is None else session.active_layer
    return layer is not None and layer.mask is not None and not mask_edits.mask_is_on(layer.mask)


def _flag(name: str) -> Callable[["MainWindow"], bool]:
    """Return whether the active layer is ``clipped``, ``locked`` or ``visible``."""

    def read(window: "MainWindow") -> bool:
        session = window.workspace.session
        layer = None if session is None else session.active_layer
        return layer is not None and bool(getattr(layer, name))

    return read


# -- what they do


def _add_paint_layer(window: "MainWindow") -> None:
    layer_edits.new_paint_layer(_session(window))


def _add_group(window: "MainWindow") -> None:
    layer_edits.new_group(_session(window))


def _add_colour_fill(window: "MainWindow") -> None:
    """Ask for a colour and fill a new layer with it."""
    session = _session(window)
    colour = QColorDialog.getColor(QColor("white"), window, "Colour Fill")
    if colour.isValid():
        rgb: Colour = (colour.redF(), colour.greenF(), colour.blueF())
        layer_edits.new_fill_layer(session, rgb)


def _duplicate_layers(window: "MainWindow") -> None:
    session = _session(window)
    if session.document.selection is not None:
        window.clipboard.copy_selected(session)
    else:
        layer_edits.duplicate(session, _selected(window))


def _delete_layers(window: "MainWindow") -> None:
    layer_edits.delete(_session(window), _selected(window))


def _rename_layer(window: "MainWindow") -> None:
    tree = window.findChild(LayersTree)
    if tree is not None:
        tree.setFocus()
        tree.rename_current()


def _merge_visible(window: "MainWindow") -> None:
    """Render the picture on a worker thread and put it on top of all."""
    session, workspace = _session(window), window.workspace
    session.finish_gesture()
    document = session.document
    workspace.jobs.submit(
        lambda job: merging.merged_tiles(document, workspace.cache, job.cancelled, job.progress),
        lambda tiles: session.soon(lambda: merging.add_merged(session, tiles)),
        lane=f"merge {id(session)}",
        title="Merging visible layers",
    )


def _add_smart_filter(window: "MainWindow", kind: type[Filter]) -> None:
    """Add a smart filter to the active layer, through its dialog where there is something to set."""
    session, key = _active(window)
    if not parameters(kind):
        filter_edits.add_filter(session, key, kind)
        window.last_filter = kind()
        return
    dialog = FilterDialog(window, session, key, kind())

    def keep(used: Filter) -> None:
        window.last_filter = used

    dialog.kept.connect(keep)
    dialog.show()


def _repeat_filter(window: "MainWindow") -> None:
    """Add the filter that was used last, as it was set."""
    session, key = _active(window)
    used = window.last_filter
    assert used is not None
    document, _ = filter_edits.with_filter(session.document, key, used)
    session.edit(f"Add {used.label}", lambda _: document)


def _toggle_mask(window: "MainWindow") -> None:
    session, key = _active(window)
    mask_edits.set_mask_enabled(session, key, _mask_is_off(window))


def _toggle_clipped(window: "MainWindow") -> None:
    session, key = _active(window)
    layer_edits.set_clipped(session, key, not _flag("clipped")(window))


def _toggle_locked(window: "MainWindow") -> None:
    layer_edits.set_locked(_session(window), _selected(window), not _flag("locked")(window))


def _toggle_visible(window: "MainWindow") -> None:
    layer_edits.set_visible(_session(window), _selected(window), not _flag("visible")(window))


def _tell_smart(window: "MainWindow") -> None:
    window.workspace.message.emit(
        "Nothing to convert: every layer keeps its source, and its filters can be changed at any time"
    )


def _on_active(edit: Callable[[Session, str], None]) -> Run:
    return lambda window: edit(*_active(window))


def _on_selected(edit: Callable[[Session, Collection[str]], None]) -> Run:
    return lambda window: edit(_session(window), _selected(window))


def _adjustment(kind: type[Filter]) -> Run:
    return lambda window: layer_edits.new_adjustment_layer(_session(window), kind)


def _filter(kind: type[Filter]) -> Run:
    return _invert if kind is Invert else lambda window: _add_smart_filter(window, kind)


def _invert(window: "MainWindow") -> None:
    """Invert what is painted on, as in Photoshop: the selection or the mask; the layer by a smart filter."""
    session = _session(window)
    if session.quick_mask or session.target != "layer":
        edit_mask(session, "Invert mask", masks.invert)
    else:
        _add_smart_filter(window, Invert)


def _mask(kind: MaskKind) -> Run:
    return lambda window: mask_edits.add_mask(*_active(window), kind)


def _arrange(direction: Direction) -> Run:
    return lambda window: layer_edits.arrange(*_active(window), direction)


def _tag(kind: type[Filter]) -> str:
    return str(kind.__struct_config__.tag)


def _filter_menu(kind: type[Filter]) -> str:
    """Return where Photoshop has it: what works on each pixel for itself is an adjustment."""
    if kind is ApplyImage:
        return "Image"
    return "Image > Adjustments" if kind in ADJUSTMENTS and kind is not TextureGain else "Filter"


# -- the menus

NEW = (
    Command(
        "new_layer", "Layer", "Layer > New", _add_paint_layer, "Adds an empty layer to paint on",
        ("Ctrl+Shift+N",), has_document,
    ),
    Command("new_group", "Group", "Layer > New", _add_group, "Adds an empty group", (), has_document),
    Command(
        "new_merged_layer", "Merge Visible as New Layer", "Layer > New", _merge_visible,
        "Puts the picture as it is now on top of all, as a layer to paint on", ("Ctrl+Shift+Alt+E",),
        has_document, separator=True,
    ),
    Command(
        "new_grey_fill", "50% Grey", "Layer > New Fill Layer",
        lambda window: layer_edits.new_fill_layer(_session(window)),
        "Adds a layer of neutral grey, which Overlay, Soft Light and Linear Light leave unseen", (), has_document,
    ),
    Command(
        "new_colour_fill", "Solid Colour…", "Layer > New Fill Layer", _add_colour_fill,
        "Adds a layer of one colour, masked by what is selected", (), has_document,
    ),
    *(
        Command(
            f"new_{_tag(kind)}_layer", kind.label, "Layer > New Adjustment Layer", _adjustment(kind),
            f"Adds {kind.label} as a layer that works on all beneath it, where something is selected only there",
            (), has_document,
        )
        for kind in ADJUSTMENTS
    ),
)  # fmt: skip

LAYERS = (
    Command(
        "duplicate_layer", "Duplicate Layer", "Layer", _duplicate_layers,
        "Puts a copy above the selected layers; with a selection, of what is selected of the active one",
        ("Ctrl+J",), has_layer, separator=True,
    ),
    Command(
        "delete_layer", "Delete Layer", "Layer", _delete_layers, "Deletes the selected layers", (), has_layer,
    ),
    Command("rename_layer", "Rename Layer", "Layer", _rename_layer, "Renames the layer in place", (), has_layer),
    Command(
        "show_layer", "Show Layer", "Layer", _toggle_visible, "Shows or hides the selected layers",
        ("Ctrl+,",), has_layer, _flag("visible"),
    ),
    Command(
        "lock_layer", "Lock Layer", "Layer", _toggle_locked,
        "Locks the selected layers against painting, mask edits and deletion", ("Ctrl+/",), has_layer,
        _flag("locked"),
    ),
    Command(
        "group_layers", "Group Layers", "Layer", _on_selected(layer_edits.group),
        "Puts the selected layers into a group", ("Ctrl+G",), has_layer, separator=True,
    ),
    Command(
        "ungroup_layers", "Ungroup Layers", "Layer", _on_active(layer_edits.ungroup),
        "Puts the group's members in its place", ("Ctrl+Shift+G",), _is_group,
    ),
    Command(
        "clipping_mask", "Create Clipping Mask", "Layer", _toggle_clipped,
        "Clips the layer to the one beneath it, or releases it", ("Ctrl+Alt+G",), has_layer, _flag("clipped"),
    ),
    Command(
        "convert_to_smart_object", "Convert to Smart Object", "Layer", _tell_smart,
        "Every layer keeps its source already", (), has_layer,
    ),
)  # fmt: skip

ARRANGE = (
    Command(
        "bring_to_front", "Bring to Front", "Layer > Arrange", _arrange("front"),
        "Moves the layer to the top of its group", ("Ctrl+Shift+]",), has_layer,
    ),
    Command(
        "bring_forward", "Bring Forward", "Layer > Arrange", _arrange("forward"), "Moves the layer one step up",
        ("Ctrl+]",), has_layer,
    ),
    Command(
        "send_backward", "Send Backward", "Layer > Arrange", _arrange("backward"),
        "Moves the layer one step down", ("Ctrl+[",), has_layer,
    ),
    Command(
        "send_to_back", "Send to Back", "Layer > Arrange", _arrange("back"),
        "Moves the layer to the bottom of its group", ("Ctrl+Shift+[",), has_layer,
    ),
)  # fmt: skip

MASKS = (
    Command(
        "mask_reveal_all", "Reveal All", "Layer > Layer Mask", _mask("white"),
        "Adds a white layer mask: paint black to hide", (), _lacks_painted_mask,
    ),
    Command(
        "mask_hide_all", "Hide All", "Layer > Layer Mask", _mask("black"),
        "Adds a black layer mask: paint white to show", (), _lacks_painted_mask,
    ),
    Command(
        "mask_from_lights", "Lights", "Layer > Layer Mask > From Luminosity", _mask("lights"),
        "Adds a mask that shows the layer where the picture beneath is light", (), has_layer,
    ),
    Command(
        "mask_from_midtones", "Midtones", "Layer > Layer Mask > From Luminosity", _mask("midtones"),
        "Adds a mask that shows the layer where the picture beneath is neither light nor dark", (), has_layer,
    ),
    Command(
        "mask_from_darks", "Darks", "Layer > Layer Mask > From Luminosity", _mask("darks"),
        "Adds a mask that shows the layer where the picture beneath is dark", (), has_layer,
    ),
    Command(
        "mask_disable", "Disable", "Layer > Layer Mask", _toggle_mask, "Switches the layer mask off or on", (),
        _has_any_mask, _mask_is_off, separator=True,
    ),
    Command(
        "mask_delete", "Delete", "Layer > Layer Mask", _on_active(mask_edits.delete_mask),
        "Deletes the layer mask", (), _has_any_mask,
    ),
)  # fmt: skip

FILTER_KEYS = {"desaturate": ("Ctrl+Shift+U",), "invert": ("Ctrl+I",)}

FILTER_COMMANDS = tuple(
    Command(
        f"filter_{_tag(kind)}",
        f"{kind.label}…" if parameters(kind) else kind.label,
        _filter_menu(kind),
        _filter(kind),
        f"Adds {kind.label} to the layer as a smart filter",
        FILTER_KEYS.get(_tag(kind), ()),
        has_layer,
    )
    for kind in sorted(FILTERS, key=lambda kind: kind is not ApplyImage)
)

REPEAT_FILTER = Command(
    "last_filter", "Last Filter", "Filter", _repeat_filter,
    "Adds the filter that was used last once more, as it was set", ("Ctrl+Shift+F",),
    lambda window: has_layer(window) and window.last_filter is not None,
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (
    *NEW,
    *commands_dodge.COMMANDS,
    *LAYERS,
    *ARRANGE,
    *MASKS,
    *commands_mask.COMMANDS,
    REPEAT_FILTER,
    *FILTER_COMMANDS,
)
