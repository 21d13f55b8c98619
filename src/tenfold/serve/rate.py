"""How often one client may ask."""

import ipaddress
import math
import time
from collections import OrderedDict
from typing import Final

from tenfold.serve.failures import Failure

BURST: Final = 2.0
"""Seconds of requests that may come at once."""

MOST_CLIENTS: Final = 10_000
"""That are remembered; those that have not asked for longest are forgotten first."""


class RateLimit:
    """A bucket of tokens for each client, filled at a steady rate.

    Parameters
    ----------
    rate : float
        Requests per second, on average.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._size = max(1.0, BURST * rate)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Take a token of a client, by its IP address.

        Raises
        ------
        Failure
            It has none left.
        """
        client, now = _network(address), time.monotonic()
        tokens, since = self._buckets.pop(client, (self._size, now))
        tokens = min(self._size, tokens + (now - since) * self._rate)
        self._buckets[client] = max(0.0, tokens - 1) if tokens >= 1 else tokens, now
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        if tokens < 1:
            seconds = math.ceil((1 - tokens) / self._rate)
            raise Failure(
                429,
                "too_many_requests",
                f"A client may make {self._rate:g} requests a second. Got more.",
                "Wait as long as Retry-After says.",
                {"retry-after": str(seconds)},
            )


def _network(address: str) -> str:
    """Return what a client cannot change at will: of an IPv6 address its first half."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address
