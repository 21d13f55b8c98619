"""What the tests of the service share: an app with a model that comes with tenfold, and clients."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

import tenfold
from tenfold.data import Dataset
from tenfold.reading import Reader
from tests.reading.pages import Hand, clear_digits
from tests.serve.clients import serving
from tests.serve.process import Service, running


@pytest.fixture(scope="session")
def shipped() -> Reader:
    """Return the model that the service runs."""
    return tenfold.load("tiny-cnn", threads=1)


@pytest.fixture(scope="session")
def hand(digits: Dataset, shipped: Reader) -> Hand:
    """Return the embedded digits of the test split that are read when they stand alone."""
    return clear_digits(digits.test, shipped)


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """Return a service that runs in a process of its own."""
    with running() as service:
        yield service


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """Return a client of a running app."""
    with serving() as client:
        yield client
