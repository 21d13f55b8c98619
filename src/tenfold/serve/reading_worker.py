"""Read pictures, in a process of its own: ``python -m tenfold.serve.reading_worker MEMORY``.

Reads from standard input the bytes of a model file, then one picture after another, and writes for each
what `tenfold.serve.answer.answer_picture` says. Each message is a line of JSON whose `size` says how many
bytes follow. A decoder that crashes, a picture that takes too long or too much memory ends this process
and nothing else.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

import cv2
import numpy as np

from tenfold.errors import TenfoldError
from tenfold.model_file import inspect
from tenfold.reading import Reader
from tenfold.serve.answer import answer_picture
from tenfold.serve.messages import Message, receive, send


def serve(source: IO[bytes], target: IO[bytes], *, memory: int) -> None:
    """Answer messages until there are no more."""
    messages = _messages(source)
    _, model = next(messages)
    reader = Reader(inspect(model), threads=1)
    cv2.setNumThreads(1)
    _warm_up(reader)
    _limit_memory(memory)
    send(target, {"ready": True})
    for head, picture in messages:
        try:
            answer = answer_picture(picture, reader, expect=head["expect"], with_images=head["images"])
        except TenfoldError as error:
            send(target, {"error": type(error).__name__, "message": str(error)})
        else:
            send(target, _summarize(answer), json.dumps(answer, separators=(",", ":")).encode())


def _warm_up(reader: Reader) -> None:
    """Load now what would be loaded while somebody waits."""
    _ = reader.lines
    paper = np.full((64, 48), 235, np.uint8)
    paper[12:52, 20:28] = 60
    reader.read(paper)


def _messages(source: IO[bytes]) -> Iterator[Message]:
    while message := receive(source):
        yield message


def _summarize(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what the service counts."""
    digits = [digit for number in answer["numbers"] for digit in number["digits"]]
    return {
        "reasons": Counter(one["reason"] for one in (answer, *answer["numbers"]) if one["reason"]),
        "labels": Counter(digit["label"] for digit in digits),
        "confidences": [digit["confidence"] for digit in digits],
    }


def _limit_memory(more: int) -> None:
    """Let this process have that much memory above what it has, on systems that can be asked to see to it."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ImportError, OSError, ValueError):
        return


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, memory=int(sys.argv[1]))
