import msgspec
import numpy as np
import pytest

from retexture.document.document import all_pixels, find, walk
from retexture.document.edits import delete_layer
from retexture.document.pixels import Tiles
from tests.document.documents import sample_document


def test_walk_goes_from_the_bottom_a_group_before_its_members() -> None:
    keys = [layer.key for layer in walk(sample_document().layers)]
    assert keys == ["group", "base", "paint", "grey", "low", "high", "invert"]


def test_find_sees_hidden_layers() -> None:
    document = delete_layer(sample_document(), "low")
    assert find(document, "low") is document.hidden[0]
    assert find(document, "grey").name == "Grey"
    with pytest.raises(KeyError):
        find(document, "nothing")


def test_sources_are_found_by_key() -> None:
    document = sample_document()
    assert document.source("picture") is document.sources[0]
    with pytest.raises(KeyError):
        document.source("nothing")


def test_all_pixels_are_sources_paint_and_masks_each_once() -> None:
    document = sample_document()
    pixels = all_pixels(document)
    # One source, 2 x 2 tiles of paint and of the painted mask; the other mask is all background.
    assert len(pixels) == 1 + 4 + 4
    assert sum(p.nbytes for p in pixels.values()) == 300 * 270 * 2 * (3 + 4 + 1)
    assert all_pixels(delete_layer(document, "low")) == pixels
    assert len(all_pixels(delete_layer(document, "group"))) == 1 + 4


def test_all_pixels_hold_the_selection() -> None:
    document = sample_document()
    selection = Tiles(300, 270).written(250, 0, np.full((1, 5, 10), 9, np.uint16))
    found = all_pixels(msgspec.structs.replace(document, selection=selection))
    assert found.keys() - all_pixels(document).keys() == {tile.id for tile in selection.tiles.values()}
    assert len(selection.tiles) == 2
