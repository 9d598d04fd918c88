"""Loaded by each training worker as it starts: who looks at a page comes before who trains."""

import os

os.nice(10)
