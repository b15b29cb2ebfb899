"""Our numbers in Prometheus' form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.jobs.storage.census import Census
from bot.measures import COUNTED, TIMED, Counted, Timed, counts_of, spreads_of
from bot.web.snapshot import Snapshot


def exposed(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """What is scraped, and its content type: the one of Prometheus' formats that `accept` asks for."""
    registry = CollectorRegistry()
    registry.register(_Ours(snapshot))
    ProcessCollector(registry=registry)
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


@dataclass(frozen=True, slots=True, eq=False)
class _Ours(Collector):
    snapshot: Snapshot

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        yield from map(_counter, COUNTED)
        yield from map(_histogram, TIMED)
        census = self.snapshot.census
        yield GaugeMetricFamily(
            "pianola_database_up", "Whether the database answers", value=census is not None
        )
        yield GaugeMetricFamily("pianola_servers", "Servers the bot is in", value=self.snapshot.servers)
        yield from _shards(self.snapshot.shards)
        if census is not None:
            yield from _jobs(census)
        if self.snapshot.credits_left is not None:
            yield GaugeMetricFamily(
                "pianola_credits_left", "Credits left at kie.ai", value=self.snapshot.credits_left
            )


def _counter(what: Counted) -> Metric:
    family = CounterMetricFamily(what.name, what.told, labels=what.labels)
    for labels, number in counts_of(what).items():
        family.add_metric(labels, number)
    return family


def _histogram(what: Timed) -> Metric:
    family = HistogramMetricFamily(what.name, what.told, labels=what.labels)
    names = [*map(str, what.bounds), "+Inf"]
    for labels, spread in spreads_of(what).items():
        family.add_metric(labels, list(zip(names, accumulate(spread.counts), strict=True)), spread.seconds)
    return family


def _shards(shards: Mapping[int, float | None]) -> Iterator[Metric]:
    up = GaugeMetricFamily(
        "pianola_shard_up", "Whether a shard of this process is connected to Discord", labels=("shard",)
    )
    latency = GaugeMetricFamily(
        "pianola_shard_latency_seconds",
        "How long Discord takes to answer a shard's heartbeat",
        labels=("shard",),
    )
    for shard, seconds in shards.items():
        up.add_metric([str(shard)], seconds is not None)
        if seconds is not None and isfinite(seconds):
            latency.add_metric([str(shard)], seconds)
    yield up
    yield latency


def _jobs(census: Census) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "pianola_queue_depth", "Jobs whose time to be looked at has come", value=census.due
    )
    jobs = GaugeMetricFamily("pianola_jobs", "Jobs under way, by state", labels=("state",))
    ages = GaugeMetricFamily(
        "pianola_oldest_job_seconds", "The age of the oldest job of a state", labels=("state",)
    )
    for state, under_way in census.under_way.items():
        jobs.add_metric([state.value], under_way.count)
        ages.add_metric([state.value], under_way.oldest_seconds)
    yield jobs
    yield ages
