"""The OpenAPI document: whatever is made up from it is answered as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.serve.clients import BASE, serving

CHECKS = [
    *(not_a_server_error, status_code_conformance),
    *(content_type_conformance, response_schema_conformance),
]
MADE_UP = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
OPERATIONS = [
    *(("POST", path) for path in ("/v1/read", "/v1/predict", "/v2/models/{name}/infer")),
    *(("GET", path) for path in ("/v1/model", "/healthz", "/readyz", "/metrics", "/v2")),
    *(("GET", f"/v2/{path}") for path in ("health/live", "health/ready", "models/{name}")),
    ("GET", "/v2/models/{name}/ready"),
    *((method, "/v1/corrections") for method in ("GET", "POST")),
]


def send(client: TestClient, case: schemathesis.Case) -> Any:
    """Send what was made up, bit for bit."""
    request = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    return client.request(str(request.method), str(request.url), headers=headers, content=request.body)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a service that keeps corrections."""
    with serving(store=str(tmp_path_factory.mktemp("store") / "corrections.db")) as client:
        yield client


@pytest.mark.parametrize("n_requests", [8, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_fails_the_service(client: TestClient, method: str, path: str, n_requests: int) -> None:
    """Requests made up from the document, valid or not, never give a 5xx; answers are as it describes."""
    operation = schemathesis.openapi.from_dict(client.get("/openapi.json").json())[path][method]

    @settings(MADE_UP, max_examples=n_requests)
    @given(operation.as_strategy())
    def try_one(case: schemathesis.Case) -> None:
        if path.startswith("/v2/models"):
            case.path_parameters = {"name": "tiny-cnn"} if len(str(case.body)) % 2 else case.path_parameters
        case.validate_response(send(client, case), checks=CHECKS)

    try_one()


def test_operations_are_those_of_the_document(client: TestClient) -> None:
    """Each operation of the document is tried."""
    paths = client.get("/openapi.json").json()["paths"]
    listed = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert listed == set(OPERATIONS)
