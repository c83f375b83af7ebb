"""The experiments' files: where they are, and reading them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pedpy


class MissingDataError(Exception):
    """Files of the experiments that are not there."""


@dataclass(frozen=True)
class Source:
    """One run's file of head trajectories.

    Attributes
    ----------
    folder, name : where the file is looked for: `DIR/folder/name.txt`, then `DIR/name.txt`.
    frame_rate : frames a second [1/s].
    unit : of the file's coordinates.
    doi : the series in the Pedestrian Dynamics Data Archive of Forschungszentrum Juelich, doi:10.34735/ped.da.
    """

    folder: str
    name: str
    frame_rate: float
    unit: pedpy.TrajectoryUnit
    doi: str

    def path(self, data: Path) -> Path | None:
        """Return the file's path, or None if it is not there."""
        names = (data / self.folder / f"{self.name}.txt", data / f"{self.name}.txt")
        return next((path for path in names if path.is_file()), None)

    def read(self, data: Path) -> pedpy.TrajectoryData:
        """Return the trajectories [m]; raises MissingDataError if the file is not there or cannot be read."""
        path = self.path(data)
        if path is None:
            raise MissingDataError(self.missing(data))
        try:
            return pedpy.load_trajectory(
                trajectory_file=path, default_frame_rate=self.frame_rate, default_unit=self.unit
            )
        except (pedpy.errors.PedPyError, ValueError, OSError) as error:
            msg = f"{path}: cannot be read ({error})"
            raise MissingDataError(msg) from error

    def missing(self, data: Path) -> str:
        """Return what to say if the file is not there."""
        return f"{data / self.folder / self.name}.txt is missing: head trajectories of doi:{self.doi}"


def check(sources: list[Source], data: Path) -> None:
    """Raise MissingDataError with all files that are missing."""
    missing = [source.missing(data) for source in sources if source.path(data) is None]
    if missing:
        raise MissingDataError("\n".join(missing))
