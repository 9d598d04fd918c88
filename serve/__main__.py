"""`python -m serve`: the command `checkpoint-explorer`, from a checkout."""

import sys

from serve.command import main

if __name__ == "__main__":
    sys.exit(main())
