"""numpy, and the columns that notes and beats are kept and reckoned in.

What works on notes takes `np` from here: numpy is 13 MB and a tenth of a start, and no command needs it before a song has
notes. It is loaded when first something of it is used, which no module does while it is imported; its types are for type checkers.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

__all__ = ["ArrayLike", "Bytes", "Flags", "Ints", "NDArray", "Seconds", "np"]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray
else:
    ArrayLike = NDArray = Any

    class _Numpy:
        def __getattr__(self, name: str) -> Any:
            found = getattr(import_module("numpy"), name)
            setattr(self, name, found)  # asked for once: from here on as quick as numpy itself
            return found

    np = _Numpy()

Seconds: TypeAlias = "NDArray[np.float64]"
Bytes: TypeAlias = "NDArray[np.uint8]"
Ints: TypeAlias = "NDArray[np.int64]"
Flags: TypeAlias = "NDArray[np.bool_]"
