"""The installed command. In the wheel this file is `checkpoint_explorer/__init__.py`.

The application's folders (`core`, `pages` and the rest) lie beside it there, as they lie in a checkout. Only
processes of this application find them by these names: no other sees a package called `core`.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run the command with the application's folder on the path."""
    sys.path.insert(0, str(Path(__file__).parent))
    from command.main import main as command

    return command()
