"""A printed page of pictures and figures, drawn with Pillow and the font that it brings."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX = 1600, 1130
"""A4, landscape."""

_MARGIN, _GAP, _TOP = 40, 16, 128
_PICTURES_PX, _CELL_HEIGHT_PX = 1064, 440
_PAPER, _INK, _QUIET, _RULE, _WELL = 245, 28, 105, 205, 225
_FIGURES_X = _MARGIN + _PICTURES_PX + _GAP + 24


class Cell(msgspec.Struct, frozen=True, eq=False):
    """A picture with what is written beneath: (h, w, 3) uint8, no larger than `cell_px`; it is centred."""

    picture: U8
    caption: str


class Row(msgspec.Struct, frozen=True):
    """A figure: its name, its values, and what it means."""

    label: str
    values: tuple[str, ...]
    meaning: str


def cell_px(columns: int) -> tuple[int, int]:
    """Return width and height of each of so many pictures side by side."""
    return (_PICTURES_PX - (columns - 1) * _GAP) // columns, _CELL_HEIGHT_PX


def draw_page(
    title: str,
    subtitle: str,
    mark: tuple[str, str],
    cells: Sequence[Sequence[Cell]],
    heads: Sequence[str],
    rows: Sequence[Row],
    legend: tuple[str, U8, str] | None = None,
) -> U8:
    """Return (3, HEIGHT_PX, WIDTH_PX) uint8, sRGB.

    Args:
        title, subtitle: above all; what is too long is cut.
        mark: a large number at the right, and what it is.
        cells: up to two rows of pictures, one to three in each, the same number.
        heads: names of the rows' values.
        rows: the figures.
        legend: what a row of colours (n, 3) stands for, from left to right.
    """
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (_PAPER,) * 3)
    draw = ImageDraw.Draw(page)

    def write(
        x: float, y: float, text: str, size: int, ink: int = _INK, anchor: str = "ls", room: int = 0
    ) -> None:
        font = ImageFont.load_default(size)
        while room and (excess := draw.textlength(text, font) - room) > 0:
            text = text[: -2 - int(excess / size)] + "…"
        draw.text((x, y), text, fill=(ink,) * 3, font=font, anchor=anchor)

    right = WIDTH_PX - _MARGIN
    write(_MARGIN, 66, title, 34)
    write(_MARGIN, 98, subtitle, 17, _QUIET, room=_FIGURES_X - _MARGIN - 24)
    write(right, 76, mark[0], 60, anchor="rs")
    write(right, 98, mark[1], 17, _QUIET, anchor="rs")

    width, height = cell_px(len(cells[0]))
    for line, row in enumerate(cells):
        top = _TOP + line * (height + 46)
        for column, cell in enumerate(row):
            left = _MARGIN + column * (width + _GAP)
            draw.rectangle((left, top, left + width - 1, top + height - 1), fill=(_WELL,) * 3)
            h, w = cell.picture.shape[:2]
            page.paste(
                Image.fromarray(np.ascontiguousarray(cell.picture)),
                (left + (width - w) // 2, top + (height - h) // 2),
            )
            write(left, top + height + 24, cell.caption, 17, room=width)

    if legend is not None:
        low, colours, high = legend
        y = HEIGHT_PX - 28
        bar = Image.fromarray(np.ascontiguousarray(np.broadcast_to(colours, (12, *colours.shape))))
        left = _MARGIN + width + _GAP
        write(left, y, low, 15, _QUIET)
        start = left + int(draw.textlength(low, ImageFont.load_default(15))) + 10
        page.paste(bar, (start, y - 12))
        write(start + len(colours) + 10, y, high, 15, _QUIET)

    _draw_rows(draw, write, heads, rows)
    return np.ascontiguousarray(np.asarray(page).transpose(2, 0, 1))


def _draw_rows(draw: Any, write: Any, heads: Sequence[str], rows: Sequence[Row]) -> None:
    from PIL import ImageFont

    right = WIDTH_PX - _MARGIN
    places = [right - 108 * (len(heads) - 1 - i) for i in range(len(heads))]
    y = _TOP + 14
    for x, head in zip(places, heads, strict=True):
        write(x, y, head, 15, _QUIET, anchor="rs")
    y += 12
    small = ImageFont.load_default(14)
    for row in rows:
        draw.line((_FIGURES_X, y, right, y), fill=(_RULE,) * 3)
        y += 26
        write(_FIGURES_X, y, row.label, 19)
        for x, value in zip(places, row.values, strict=True):
            write(x, y, value, 19, anchor="rs")
        line = ""
        for word in row.meaning.split():
            if draw.textlength(f"{line} {word}", small) > right - _FIGURES_X:
                y += 18
                write(_FIGURES_X, y, line, 14, _QUIET)
                line = ""
            line = f"{line} {word}".strip()
        y += 18
        write(_FIGURES_X, y, line, 14, _QUIET)
        y += 11
