"""Rows of bytes that wait in a file, so that a long song takes no more memory than a short one."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray


class Rows:
    """A table of bytes in a file without a name, gone with the block. A slice of it is read when it is asked for."""

    def __init__(self, width: int, folder: Path | None = None) -> None:
        """The file is made in `folder`, which is made if it is not there; else where temporary files go, often in memory."""
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._width = width
        self._count = 0
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, rows: NDArray[np.uint8]) -> None:
        """Append [rows, width]."""
        self._file.seek(self._count * self._width)
        self._file.write(np.ascontiguousarray(rows).data)
        self._count += len(rows)

    def __len__(self) -> int:
        """How many rows there are."""
        return self._count

    def __getitem__(self, asked: slice) -> NDArray[np.uint8]:
        """[rows, width] of neighbouring rows."""
        first, stop, _ = asked.indices(self._count)
        self._file.seek(first * self._width)
        found = self._file.read(max(0, stop - first) * self._width)
        return np.frombuffer(found, np.uint8).reshape(-1, self._width)
