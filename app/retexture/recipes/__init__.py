"""The published methods, one file each; `RECIPES` lists them by name."""

from retexture.recipes import (
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
        grain,
        high_pass,
        high_pass_blend_if,
        texture_graft,
        hybrid_fs,
        texture_extractor,
        dodge_burn,
    )
}

DEFAULT_RECIPE = "hybrid-fs"
