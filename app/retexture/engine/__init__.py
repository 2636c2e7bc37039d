"""Arrays in, arrays out: blend modes, Blend-If, compositing, blur, resampling, noise, brush dabs.

All functions here are the compiled kernel's where the extension was built, else the numpy engine's; both give the
same pixels. Set the environment variable `RETEXTURE_ENGINE` to `numpy` to use the numpy engine all the same.
"""

import os

from retexture.engine import dabs, rank, reference, resample, surface

try:
    if os.environ.get("RETEXTURE_ENGINE") == "numpy":
        raise ImportError("the numpy engine was asked for")
    from retexture.engine import _kernel
except ImportError:
    area_resample = resample.area_resample
    compose = reference.compose
    median = rank.median
    paint = dabs.paint
    stamp = dabs.stamp
    surface_blur = surface.surface_blur
    ENGINE = "numpy"
else:
    area_resample = _kernel.area_resample
    compose = _kernel.compose
    median = _kernel.median
    paint = _kernel.paint
    stamp = _kernel.stamp
    surface_blur = _kernel.surface_blur
    ENGINE = f"compiled ({_kernel.variant})"

__all__ = ["ENGINE", "area_resample", "compose", "median", "paint", "stamp", "surface_blur"]
