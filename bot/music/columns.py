"""The columns that notes and beats are kept and reckoned in."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Seconds: TypeAlias = NDArray[np.float64]
Bytes: TypeAlias = NDArray[np.uint8]
