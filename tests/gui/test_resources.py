"""The files that the window shows."""

from pathlib import Path

import pytest

from retexture.files.images import read_image
from retexture.gui import resources
from retexture.gui.resources import resource
from retexture.recipes import RECIPES


def test_installed_package_goes_before_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed, checkout = tmp_path / "installed", tmp_path / "checkout"
    for folder, names in ((installed, ("both",)), (checkout, ("both", "one"))):
        folder.mkdir()
        for name in names:
            (folder / name).touch()
    monkeypatch.setattr(resources, "FOLDERS", (installed, checkout))
    assert resource("both") == installed / "both"
    assert resource("one") == checkout / "one"


def test_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"icons/none\.svg"):
        resource("icons/none.svg")


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_has_a_small_picture_with_two_different_halves(name: str) -> None:
    path = resource(f"recipes/{name}.jpg")
    assert path.stat().st_size < 20_000
    colour = read_image(path).colour.astype(int)
    assert colour.shape == (3, 160, 240)
    left, right = colour[:, 90:, 60:115], colour[:, 90:, 125:180]
    assert abs(left.std() - right.std()) > 0.5 or abs(left.mean() - right.mean()) > 2
