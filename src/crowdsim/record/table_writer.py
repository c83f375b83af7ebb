"""Parquet files that grow by row groups and stay readable when the disk is full."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crowdsim.errors import RecordingError

FOOTER_BYTES = 1 << 20
"""Room kept on disk for a Parquet file's footer, which must fit for the file to be readable; measured: under
1 kB a row group, so this is enough for 100 million rows."""

ROW_OVERHEAD = 2
"""A row group takes at most this many times its size in memory on disk, before compression even begins."""


class ReservedFile:
    """A file to append to whose space is set aside first, so that a full disk is noticed before writing.

    Attributes
    ----------
    sink : what to write to; Arrow's own file, so that writing does not wait for Python's interpreter lock.
    """

    def __init__(self, path: Path) -> None:
        self.sink = pa.OSFile(str(path), "wb")
        self._file = path.open("r+b", buffering=0)
        self.closed = False

    def reserve(self, n_bytes: int) -> None:
        """Make sure that `n_bytes` more can be written; raises OSError if the disk is too full."""
        at = self.sink.tell()
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self._file.fileno(), at, n_bytes)
        else:
            self._file.seek(at)
            self._file.write(bytes(n_bytes))

    def close(self) -> None:
        """Cut off what was reserved and not needed, and close."""
        if not self.closed:
            self._file.truncate(self.sink.tell())
            self.sink.close()
            self._file.close()
            self.closed = True


class TableWriter:
    """A Parquet file that grows by row groups and can always be finished."""

    def __init__(self, path: Path, schema: pa.Schema, encoding: dict[str, Any] | None = None) -> None:
        self._path = path
        self._schema = schema
        self._full = False
        self._file = ReservedFile(path)
        self._file.reserve(FOOTER_BYTES)
        self._writer = pq.ParquetWriter(self._file.sink, schema, **{"compression": "zstd"} | (encoding or {}))

    def write(self, columns: list[pa.Array]) -> None:
        """Append a row group; raises RecordingError, with the file still to be finished, if the disk is full.

        After that nothing more is appended, so that no rows are missing between others.
        """
        if self._full:
            return
        table = pa.Table.from_arrays(columns, schema=self._schema)
        try:
            self._file.reserve(ROW_OVERHEAD * table.nbytes + FOOTER_BYTES)
        except OSError as error:
            self._full = True
            msg = f"{self._path.name}: cannot write any more ({error.strerror}); what was recorded before is kept"
            raise RecordingError(msg) from error
        self._writer.write_table(table, row_group_size=max(len(table), 1))

    def close(self) -> None:
        """Write the footer and close."""
        self._writer.close()
        self._file.close()
