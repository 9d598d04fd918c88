"""`python -m command`: the command `checkpoint-explorer`, from a checkout."""

import sys

from command.main import main

if __name__ == "__main__":
    sys.exit(main())
