"""`python -m serve`: the command `checkpoint-explorer`, from a checkout."""

import sys

from serve.starting import main

if __name__ == "__main__":
    sys.exit(main())
