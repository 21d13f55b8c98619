"""GET /metrics: what was asked and answered, for Prometheus."""

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tenfold.data import Dataset
from tests.reading.pages import Hand
from tests.serve.clients import BINARY, drawing, serving


def counted(client: TestClient) -> dict[tuple[str, str], float]:
    """Return each sample by its name and the values of its labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_count_requests_digits_and_abstentions(hand: Hand) -> None:
    """Requests are counted by path and status, digits by label, abstentions by reason, batches by size."""
    label = str(hand.labels[0])
    with serving() as client:
        client.post("/v1/read", content=drawing(hand.images[0]))
        client.post("/v1/predict", content=hand.images[0].tobytes() + bytes(784), headers=BINARY)
        client.post("/v1/predict", content=b"7", headers=BINARY)
        seen = counted(client)

    assert seen["tenfold_requests_total", "/v1/read 200"] == 1
    assert seen["tenfold_requests_total", "/v1/predict 200"] == 1
    assert seen["tenfold_requests_total", "/v1/predict 422"] == 1
    assert seen["tenfold_request_seconds_count", "/v1/predict"] == 2
    assert seen["tenfold_digits_total", label] == 2
    assert seen["tenfold_abstentions_total", "blank"] == 1
    assert seen["tenfold_confidence_count", ""] == 2
    assert seen["tenfold_batch_images_sum", ""] == 2
    assert seen["tenfold_queue", "images"] == seen["tenfold_queue", "pictures"] == 0


def test_metrics_do_not_grow_with_made_up_paths(digits: Dataset) -> None:
    """Paths that do not exist, and names in paths, are counted together; each app counts for itself."""
    with serving() as client:
        for number in range(20):
            client.get(f"/{number}")
            client.get(f"/v2/models/{number}")
        seen = counted(client)

    paths = {labels.split()[0] for name, labels in seen if name == "tenfold_requests_total"}
    assert paths == {"other", "/v2/models/{name}"}
    assert seen["tenfold_requests_total", "other 404"] == 20
