"""Pianola, in whatever process a part of it runs."""

import os

# Read when numpy is loaded. Its small products are dearer on several threads, each of which takes of the memory besides: the
# transcriber's own part costs 2.5 times as much.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
