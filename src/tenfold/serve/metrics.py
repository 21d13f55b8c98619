"""What the service counts, for Prometheus."""

from collections.abc import Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CONFIDENCES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

REFUSED: Final = "refused"
"""In place of a path, of requests that were refused before the app was asked."""


class Metrics:
    """The counters of one app."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        self.requests = Counter("tenfold_requests", "Requests", ["path", "status"], registry=registry)
        self.seconds = Histogram(
            "tenfold_request_seconds", "Time to answer", ["path"], buckets=SECONDS, registry=registry
        )
        self.batch = Histogram("tenfold_batch_images", "Images of a batch", buckets=SIZES, registry=registry)
        self.queue = Gauge("tenfold_queue", "What waits to be read", ["kind"], registry=registry)
        self.confidence = Histogram(
            "tenfold_confidence", "Confidence of digits", buckets=CONFIDENCES, registry=registry
        )
        self.digits = Counter("tenfold_digits", "Digits that were read", ["label"], registry=registry)
        self.abstentions = Counter(
            "tenfold_abstentions", "Answers with a reason", ["reason"], registry=registry
        )
        self.models = Counter("tenfold_model_files", "New model files", ["outcome"], registry=registry)

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self.requests.labels(path, status).inc()
        self.seconds.labels(path).observe(seconds)

    def count_refusal(self, status: int) -> None:
        """Count a request that was refused in the protocol, whose path nobody looked up."""
        self.requests.labels(REFUSED, status).inc()

    def count_digits(
        self, labels: Mapping[object, int], reasons: Mapping[object, int], confidences: Sequence[float]
    ) -> None:
        """Count what was read: digits by label, abstentions by reason, confidences."""
        for label, n in labels.items():
            self.digits.labels(label).inc(n)
        for reason, n in reasons.items():
            self.abstentions.labels(reason).inc(n)
        for confidence in confidences:
            self.confidence.observe(confidence)

    def count_model(self, accepted: bool) -> None:  # noqa: FBT001  # as the engine calls it
        """Count a new model file."""
        self.models.labels("accepted" if accepted else "refused").inc()

    def render(self) -> bytes:
        """Return all as Prometheus reads it."""
        return generate_latest(self.registry)
