"""Arrays in, arrays out: blend modes, Blend-If, compositing, blur, resampling, noise.

`compose` is the compiled kernel's where the extension was built, else the numpy engine's; both give the same
pixels. Set the environment variable `RETEXTURE_ENGINE` to `numpy` to use the numpy engine all the same.
"""

import os

from retexture.engine import reference

try:
    if os.environ.get("RETEXTURE_ENGINE") == "numpy":
        raise ImportError("the numpy engine was asked for")
    from retexture.engine import _kernel
except ImportError:
    compose = reference.compose
    ENGINE = "numpy"
else:
    compose = _kernel.compose
    ENGINE = f"compiled ({_kernel.variant})"

__all__ = ["ENGINE", "compose"]
