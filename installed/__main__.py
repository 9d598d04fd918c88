"""`python -m checkpoint_explorer`, the command: in the wheel this is `checkpoint_explorer/__main__.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from command.main import main

if __name__ == "__main__":
    sys.exit(main())
