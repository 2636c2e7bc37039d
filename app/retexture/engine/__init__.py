"""Arrays in, arrays out: blend modes, Blend-If, compositing, blur, resampling, noise.

`compose`, `median` and `surface_blur` are the compiled kernel's where the extension was built, else the numpy
engine's; both give the same pixels. Set the environment variable `RETEXTURE_ENGINE` to `numpy` to use the numpy
engine all the same.
"""

import os

from retexture.engine import rank, reference, surface

try:
    if os.environ.get("RETEXTURE_ENGINE") == "numpy":
        raise ImportError("the numpy engine was asked for")
    from retexture.engine import _kernel
except ImportError:
    compose = reference.compose
    median = rank.median
    surface_blur = surface.surface_blur
    ENGINE = "numpy"
else:
    compose = _kernel.compose
    median = _kernel.median
    surface_blur = _kernel.surface_blur
    ENGINE = f"compiled ({_kernel.variant})"

__all__ = ["ENGINE", "compose", "median", "surface_blur"]
