"""A target that is scraped: an HTTP GET on a schedule, its answer read as the Prometheus text format."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure, Readings
from nightdesk.collect.intake.exposition import ExpositionReader
from nightdesk.collect.intake.http_answer import HttpAnswer
from nightdesk.collect.intake.http_get import HttpGet
from nightdesk.collect.intake.target_labels import with_target
from nightdesk.collect.intake.unpack import unpack
from nightdesk.errors import CollectError
from nightdesk.model.labels import Labels
from nightdesk.model.metric import Metadata

MOST_BODY: Final = 16 * 1024 * 1024
"""Bytes an answer may have as sent, and once unpacked: 10,000 samples are some 2 MB."""
SAMPLE_LIMIT: Final = 10_000
"""Samples a target may give at once; past it nothing is taken, as with Prometheus' sample_limit."""
_OPEN_METRICS: Final = "application/openmetrics-text"
_ACCEPT: Final = (
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,"
    f"{_OPEN_METRICS};version=1.0.0;q=0.4,*/*;q=0.1"
)
_SMALL: Final = 32_768
"""Bytes. An answer up to this is read at once; a larger one on the target's own thread, off the event loop."""
_OK: Final = 200


class ScrapeTarget:
    """One URL, read every `interval` seconds within `timeout`. A `Collector`."""

    def __init__(
        self,
        url: str,
        job: str,
        *,
        interval: float = 15.0,
        timeout: float = 10.0,
        labels: Mapping[str, str] = MappingProxyType({}),
        honor_labels: bool = False,
        sample_limit: int = SAMPLE_LIMIT,
        most_body: int = MOST_BODY,
        most_unpacked: int = MOST_BODY,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Set up the target; its `instance` is the URL's host and port unless `labels` has one.

        Raises:
            Unsafe: the URL is not one that may be asked.
        """
        self.name = " ".join([job, url, *(f"{name}={value}" for name, value in labels.items())])
        self.url, self.interval, self.deadline = url, interval, timeout
        self._attendant = Attendant(f"scrape {job}")
        self._http = HttpGet(url, {**_standing_headers(timeout), **headers}, most_body, self._attendant)
        self.target = Labels([("job", job), ("instance", urlsplit(url).netloc), *labels.items()])
        self._reader = ExpositionReader(lambda series: with_target(series, self.target, honor=honor_labels))
        self._sample_limit, self._most_unpacked = sample_limit, most_unpacked

    @property
    def metadata(self) -> Mapping[str, Metadata]:
        """What the target says of its metrics, by name."""
        return self._reader.metadata

    async def collect(self, now: int) -> Readings:
        """Ask the target and read its answer; see `Collector.collect` for what it raises."""
        answer = await self._http.get()
        if answer.status != _OK:
            moved = ": redirects are not followed, set the address it leads to" if answer.status // 100 == 3 else ""
            raise CollectError(f"the target answered {answer.status}{moved}", CollectFailure.HTTP_STATUS)
        if len(answer.body) <= _SMALL and "content-encoding" not in answer.headers:
            return self._read(answer, now)
        return await self._attendant.ask(lambda: self._read(answer, now))

    def close(self) -> None:
        """Cut the connection and let the thread go."""
        self._http.close()
        self._attendant.close()

    def _read(self, answer: HttpAnswer, now: int) -> Readings:
        body = unpack(answer.body, answer.headers.get("content-encoding", ""), self._most_unpacked)
        open_metrics = answer.headers.get("content-type", "").lower().startswith(_OPEN_METRICS)
        return self._reader.read(body, now, open_metrics=open_metrics, most=self._sample_limit)


def target_url(target: str, metrics_path: str = "/metrics") -> str:
    """Return the URL of a target as the settings write it: `host:port`, or a full URL, which is taken as it stands."""
    if "://" in target:
        return target if urlsplit(target).path.strip("/") else target.rstrip("/") + metrics_path
    return f"http://{target}{metrics_path}"


def _standing_headers(timeout: float) -> dict[str, str]:
    return {
        "User-Agent": "nightdesk",
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip",
        "X-Prometheus-Scrape-Timeout-Seconds": f"{timeout:g}",
    }
