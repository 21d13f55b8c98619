"""Messages between the service and the processes that read pictures: a line of JSON, then bytes."""

import json
from typing import IO, Any

Message = tuple[dict[str, Any], bytes]


def send(target: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Write a message."""
    target.write(json.dumps(head | {"size": len(body)}).encode() + b"\n")
    target.write(body)
    target.flush()


def receive(source: IO[bytes]) -> Message | None:
    """Read a message; None where the other side is gone."""
    line = source.readline()
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    body = source.read(head["size"])
    return (head, body) if len(body) == head["size"] else None
