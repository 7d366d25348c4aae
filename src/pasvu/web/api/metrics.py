"""What operators watch, as OpenMetrics: figures that go stale, work that is late, quota that runs out."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from pasvu.channel import queries
from pasvu.channel.queries.audience import Pulse
from pasvu.web.api.place import api, keyed
from pasvu.web.house import house


@api.get("/metrics")
@keyed
def metrics() -> Response:
    """The state of the house in a dozen numbers."""
    here = house()
    with here.record.read() as session:
        pulse = queries.audience.pulse(session, here.now)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(pulse))
    return Response(
        generate_latest(registry),  # type: ignore[no-untyped-call]
        content_type=CONTENT_TYPE_LATEST,
    )


class _Numbers(Collector):
    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def collect(self) -> Iterator[Metric]:
        pulse = self._pulse
        publications = GaugeMetricFamily("pasvu_publications", "Publications by state.", labels=["platform", "state"])
        for (platform, state), number in sorted(pulse.publications.items()):
            publications.add_metric([platform, state], number)
        yield publications
        yield _of("pasvu_views", "Views of everything on air, as last counted.", pulse.views)
        yield _of(
            "pasvu_figures_due",
            "Videos whose time to be counted has come.",
            {k: float(v) for k, v in pulse.due.items()},
        )
        yield _of("pasvu_figures_newest_timestamp_seconds", "When a count was last written.", pulse.newest)
        yield _of("pasvu_figures_missing", "Videos that the platform does not answer for.", pulse.missing)
        yield _of("pasvu_subscribers", "Subscribers as the platform rounds them.", pulse.subscribers)
        yield _of("pasvu_lives", "Broadcasts that are on.", pulse.lives)
        yield _of("pasvu_live_viewers", "People watching them, as last counted.", pulse.live_viewers)
        spent = CounterMetricFamily("pasvu_quota_units", "Units of quota spent.", labels=["platform", "bucket"])
        for (platform, bucket), units in sorted(pulse.quota.items()):
            spent.add_metric([platform, bucket], units)
        yield spent


def _of(name: str, said: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, said, labels=["platform"])
    for platform, value in sorted(values.items()):
        family.add_metric([platform], value)
    return family
