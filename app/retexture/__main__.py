"""``python -m retexture``: the same as the command ``retexture``."""

import sys

from retexture.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
