"""The moments at which something becomes lasting. Between two of them a kill may fall anywhere.

Nothing happens here: tests put their own functions in these places, and kill the process.
"""

from collections.abc import Callable


def _nothing(_point: str) -> None:
    pass


before: Callable[[str], None] = _nothing
"""Called with the name of a commit that is about to be made."""

after: Callable[[str], None] = _nothing
"""Called with the name of a commit that was made."""
