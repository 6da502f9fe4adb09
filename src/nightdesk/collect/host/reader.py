"""Reads families of host metrics one after another; one that cannot be read leaves the others alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Protocol

from nightdesk.collect.host.files import HostFiles, Point


class Family(Protocol):
    """One group of metrics that are read together; raises OSError where it cannot be read, or anything on nonsense."""

    def __call__(self, files: HostFiles, /) -> Iterable[Point]:
        """Yield the points as they are now."""
        ...


class FamilyFailure(Enum):
    """Why a family gave nothing; `node_scrape_collector_success` says that it did."""

    MISSING = "missing"
    """This kernel has no such file."""
    DENIED = "denied"
    UNREADABLE = "unreadable"
    """The file is there and reading it fails."""
    UNEXPECTED = "unexpected"
    """The content is not what any kernel we know writes."""


class FamilyReader:
    """A table of families over one machine's files. Blocking; for one thread alone."""

    def __init__(self, families: Mapping[str, Family], files: HostFiles, boot: Callable[[], float]) -> None:
        """Take the families by the names that node_exporter gives its collectors."""
        self._families, self._files, self._boot = families, files, boot
        self._labels = {name: (("collector", name),) for name in families}
        self.failures: Counter[tuple[str, FamilyFailure]] = Counter()

    def read(self) -> list[Point]:
        """Return all points, with `node_scrape_collector_success` and `_duration_seconds` for each family."""
        self._files.begin()
        points: list[Point] = []
        for name, family in self._families.items():
            started = self._boot()
            failure = self._read_into(points, family)
            if failure is not None:
                self.failures[name, failure] += 1
            points.append(("node_scrape_collector_success", self._labels[name], float(failure is None)))
            points.append(("node_scrape_collector_duration_seconds", self._labels[name], self._boot() - started))
        return points

    def _read_into(self, points: list[Point], family: Family) -> FamilyFailure | None:
        before = len(points)
        try:
            points.extend(family(self._files))
        except FileNotFoundError:
            failure = FamilyFailure.MISSING
        except PermissionError:
            failure = FamilyFailure.DENIED
        except OSError:
            failure = FamilyFailure.UNREADABLE
        except Exception:  # noqa: BLE001 - strange content may break a parser in any way; the other families go on
            failure = FamilyFailure.UNEXPECTED
        else:
            return None
        del points[before:]
        return failure
