"""What the right button opens on the canvas: the brush's size and hardness, and the usual views."""

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget, QWidgetAction

from retexture.declare import parameters
from retexture.gui import theme
from retexture.gui.brush_tool import BrushTool
from retexture.gui.number_field import NumberField
from retexture.session import restoration
from retexture.session.brush import Brush

if TYPE_CHECKING:
    from retexture.gui.window import MainWindow

BRUSH_FIELDS = ("size_px", "hardness")
VIEWS = ("swap_colours", "rubylith", "view_mask", "fit", "zoom_100", "side_by_side", "split_wipe")


def show_canvas_menu(window: "MainWindow", at: QPoint) -> QMenu:
    """Open the menu at a place of the screen; return it."""
    own = window.canvas.tool.menu(window.canvas)
    if own is not None:
        own.aboutToHide.connect(own.deleteLater)
        own.popup(at)
        return own
    menu = QMenu(window)
    menu.setObjectName("canvas_menu")
    _add_spot(menu, window, at)
    if isinstance(window.canvas.tool, BrushTool):
        action = QWidgetAction(menu)
        action.setDefaultWidget(_brush_fields(window))
        menu.addAction(action)
        menu.addSeparator()
    window.refresh_commands()
    actions = {command.name: action for command, action in window.actions_}
    menu.addActions([actions[name] for name in VIEWS])
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)
    return menu


def _add_spot(menu: QMenu, window: "MainWindow", at: QPoint) -> None:
    """Offer to decide otherwise about the blemish whose circle is there, or to add one where there is none."""
    canvas, spots = window.canvas, window.canvas.spots
    place = QPointF(canvas.mapFromGlobal(at)) * canvas.devicePixelRatioF()
    point = canvas.picture_point(place.x(), place.y())
    index = spots.at(point, canvas.view.zoom)
    if index is not None and spots.analysis is not None:
        kept = restoration.decisions(spots.analysis)[index]
        words = "Let Blemish Return" if kept else "Keep Blemish Out"
        action = menu.addAction(words, lambda: spots.click(index))
        action.setObjectName("canvas_menu_blemish")
        menu.addSeparator()
    elif spots.shown and spots.analysis is not None:
        size_px = window.paint.brush.size_px
        words = f"Keep This Spot Out, {size_px:.0f} px as the Brush"
        menu.addAction(words, lambda: spots.add(point, size_px)).setObjectName("canvas_menu_add_blemish")
        menu.addSeparator()


def _brush_fields(window: "MainWindow") -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(theme.SPACE_LARGE, theme.SPACE, theme.SPACE_LARGE, theme.SPACE)
    declared = {parameter.name: parameter for parameter in parameters(Brush)}
    for name in BRUSH_FIELDS:
        field = NumberField(declared[name], widget)
        field.setObjectName(f"canvas_menu_{name}")
        field.set_value(getattr(window.paint.brush, name))
        field.changed.connect(
            lambda value, n=name: window.paint.set_brush(
                msgspec.structs.replace(window.paint.brush, **{n: value})
            )
        )
        layout.addWidget(field)
    return widget
