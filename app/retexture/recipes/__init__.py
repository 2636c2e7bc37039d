"""The methods, published ones and our own, one file each; `RECIPES` lists them by name."""

from retexture.recipes import (
    auto,
    dodge_burn,
    grain,
    high_pass,
    high_pass_blend_if,
    hybrid_fs,
    texture_extractor,
    texture_graft,
)
from retexture.recipes.base import Recipe

RECIPES: dict[str, Recipe] = {
    module.RECIPE.name: module.RECIPE
    for module in (
        auto,
        grain,
        high_pass,
        high_pass_blend_if,
        texture_graft,
        hybrid_fs,
        texture_extractor,
        dodge_burn,
    )
}

DEFAULT_RECIPE = "auto"
