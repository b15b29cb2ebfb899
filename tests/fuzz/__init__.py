"""Whatever comes from outside, made up by hypothesis: nothing breaks, and all that is refused is refused with a sentence.

`uv run python -m tests.fuzz` runs as many cases as it is told; a few of each part run with the tests.
"""
