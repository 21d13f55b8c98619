"""Real ink, as a user has it: digits, numbers, pages and what is neither, read by `reader.read`.

The pictures lie in the folder `TENFOLD_INK` (`digits`, `numbers`, `pages`, `nondigits`, each with a
`truth.csv`, and `arrays`). Nothing is trained on them. Every miss goes into an HTML gallery.
"""

import base64
import csv
import html
import io
import os
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import tenfold
from benchmarks import general_ocr
from benchmarks.general_ocr import Score
from benchmarks.table import machine, markdown_table
from tenfold.arrays import Ink
from tenfold.evaluation import wilson_interval
from tenfold.pictures import as_picture
from tenfold.reading import Reader, Reading, decide, find_numbers, parse_expectation
from tenfold.reading.line_reader import read_number

GALLERY = Path("real_ink_misses.html")
MUST = {
    "digits": 0.98,
    "numbers": 0.92,
    "usps_test": 0.975,
    "optdigits32_test": 0.97,
    "optdigits32_train": 0.97,
    "semeion": 0.93,
    "bhmsds_digits": 0.97,
    "captured_canvas": 0.99,
    "dida_dev": 0.80,
}
"""Share read right, at least."""

STYLE = "figure{display:inline-block;margin:4px} img{max-width:300px;max-height:160px}"
PAGE_PIXELS = 12_000_000
"""Of a page as a phone takes it: the pages are also read enlarged to that size, for their time."""

MOST = {"nondigits": 0.05}
"""Share of non-digits read as digits, at most; 10 % for the arrays."""


@dataclass(frozen=True)
class Sample:
    """One picture, what it shows, and where it is from."""

    name: str
    picture: Ink
    truth: str
    origin: str


@dataclass(frozen=True)
class Result:
    """What was read of a sample, and how long that took, in seconds."""

    sample: Sample
    reading: Reading
    seconds: float

    @property
    def is_right(self) -> bool:
        """Tell whether the whole text is right."""
        return self.reading.text == self.sample.truth

    @property
    def is_answered(self) -> bool:
        """Tell whether there is a number that is not in doubt."""
        return any(number.reason is None for number in self.reading.numbers)


def main() -> str:
    """Measure, and return the tables."""
    folder = Path(os.environ.get("TENFOLD_INK", ""))
    if not (folder / "numbers").is_dir():
        return "TENFOLD_INK must be set to a folder of real ink."
    cv2.setNumThreads(1)
    reader = tenfold.load(threads=1)
    results = {
        name: _read_all(reader, load_samples(folder / name)) for name in ("digits", "numbers", "nondigits")
    }
    pages = _read_all(reader, load_samples(folder / "pages"))
    arrays = {
        path.stem: _read_all(reader, _array_samples(path))
        for path in sorted((folder / "arrays").glob("*.npz"))
    }
    _save_gallery(GALLERY, {**results, "pages": pages, **arrays})
    summary = markdown_table(
        ["set", "n", "counted", "share (95 % interval)", "asked", "ms each, median"],
        [_row(name, of_set) for name, of_set in {**results, **arrays}.items()],
    )
    others = _compare_tools(folder, {name: results[name] for name in ("digits", "numbers")})
    ways = _compare_ways(reader, results["numbers"])
    sources = markdown_table(["set", "source", "n", "right"], list(_by_source(results)))
    signs = _by_sign(arrays["bhmsds_symbols_nondigit"])
    return "\n\n".join(
        [
            summary,
            others,
            _page_table(pages, reader),
            ways,
            signs,
            sources,
            f"One thread. {machine('onnxruntime')}",
        ]
    )


def load_samples(folder: Path) -> Iterator[Sample]:
    """Yield the pictures of a folder, as its `truth.csv` lists them."""
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield Sample(row["file"], as_picture(folder / row["file"]), row["text"], row["source_repo"])


def _array_samples(path: Path) -> Iterator[Sample]:
    with np.load(path) as arrays:
        pictures, labels = arrays["images"], arrays["labels"]
        names = arrays["label_names"] if "label_names" in arrays else np.arange(int(labels.max()) + 1)
    for position, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        yield Sample(f"{path.stem} {position}", picture, str(names[label]), path.stem)


def _read_all(reader: Reader, samples: Iterator[Sample]) -> list[Result]:
    results = []
    for sample in samples:
        started = time.perf_counter()
        reading = reader.read(sample.picture)
        results.append(Result(sample, reading, time.perf_counter() - started))
    return results


def _row(name: str, results: Sequence[Result]) -> list[str]:
    is_nondigit = "nondigit" in name
    n_counted = sum(result.is_answered if is_nondigit else result.is_right for result in results)
    low, high = wilson_interval(n_counted, len(results))
    asked = f"≤ {MOST.get(name, 0.1):.0%}" if is_nondigit else f"≥ {MUST[name]:.1%}"
    return [
        name,
        f"{len(results):,}",
        "read as a digit" if is_nondigit else "read right",
        f"{n_counted / len(results):.1%} ({low:.1%}–{high:.1%})",
        asked,
        f"{1000 * statistics.median(result.seconds for result in results):.1f}",
    ]


def _compare_tools(folder: Path, sets: dict[str, list[Result]]) -> str:
    """Return how many of the same crops general OCR reads right."""
    rows = []
    for name, results in sets.items():
        crops = [
            (general_ocr.load_crop(folder / name / result.sample.name), result.sample.truth)
            for result in results
        ]
        tools = general_ocr.open_tools(is_single=name == "digits")
        theirs = [(tool, general_ocr.score_tool(tool.read, crops) if tool.read else None) for tool in tools]
        milliseconds = 1000 * statistics.median(result.seconds for result in results)
        ours = Score(sum(result.is_right for result in results), len(results), milliseconds)
        rows.append((name, ours, theirs))
    return general_ocr.comparison_table(rows)


def _compare_ways(reader: Reader, results: Sequence[Result]) -> str:
    """Return how many numbers each way of reading gets right, by source."""
    ways: dict[str, Callable[[Ink], str]] = {
        "by pieces": lambda grey: decide(find_numbers(grey, reader), parse_expectation(()), least=0.0).text,
        "as a line": lambda grey: str(read_number(grey, reader.lines).text),
        "by pieces, as a line where they leave doubt": lambda grey: reader.read(grey).text,
    }
    counts: dict[str, Counter[str]] = {way: Counter() for way in ways}
    sizes = Counter(result.sample.origin for result in results)
    for result in results:
        for way, read in ways.items():
            counts[way][result.sample.origin] += read(result.sample.picture) == result.sample.truth
    rows = [
        [origin, str(n), *(str(count[origin]) for count in counts.values())] for origin, n in sizes.items()
    ]
    rows.append(["all", str(len(results)), *(str(count.total()) for count in counts.values())])
    return markdown_table(["numbers, by source", "n", *ways], rows)


def _by_sign(results: Sequence[Result]) -> str:
    """Return how often each sign is read as a digit, and as which most often."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.sample.truth].append(result)
    rows = []
    for sign, group in groups.items():
        read = Counter(result.reading.text for result in group if result.is_answered)
        most = f"as {read.most_common(1)[0][0]}" if read else ""
        rows.append([f"`{sign}`", str(len(group)), f"{read.total() / len(group):.1%}", most])
    return markdown_table(["sign", "n", "read as a digit", "most often"], rows)


def _by_source(results: dict[str, list[Result]]) -> Iterator[list[str]]:
    for name, of_set in results.items():
        if name != "digits":
            continue
        groups: dict[str, list[bool]] = defaultdict(list)
        for result in of_set:
            groups[result.sample.origin].append(result.is_right)
        for origin, is_right in sorted(groups.items()):
            yield [name, origin, str(len(is_right)), str(sum(is_right))]


def count_numbers(text: str) -> Counter[str]:
    """Count the numbers in a text: runs of digits."""
    return Counter(re.findall(r"\d+", text))


def _time_large(picture: Ink, reader: Reader) -> float:
    """Return how many seconds it takes to read a page of 12 megapixels."""
    scale = (PAGE_PIXELS / picture.size) ** 0.5
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    started = time.perf_counter()
    reader.read(np.asarray(large, np.uint8))
    return time.perf_counter() - started


def _page_table(results: Sequence[Result], reader: Reader) -> str:
    """Return the numbers found on each page, how many of them are right, and how long it takes."""
    rows, sums = [], Counter[str]()
    for result in results:
        truth, found = count_numbers(result.sample.truth), count_numbers(result.reading.text)
        counts = {"truth": truth.total(), "found": found.total(), "right": (truth & found).total()}
        sums.update(counts)
        large = _time_large(result.sample.picture, reader)
        rows.append([result.sample.name, *map(str, counts.values()), f"{result.seconds:.2f}", f"{large:.2f}"])
    recall, precision = sums["right"] / sums["truth"], sums["right"] / max(1, sums["found"])
    seconds = sum(result.seconds for result in results)
    rows.append(["all", *(str(sums[key]) for key in ("truth", "found", "right")), f"{seconds:.2f}", ""])
    note = f"Recall {recall:.1%} (asked 75 %), precision {precision:.1%} (asked 80 %)."
    headings = ["page", "numbers", "found", "right", "seconds", "seconds at 12 megapixels (asked 1.5)"]
    return f"{markdown_table(headings, rows)}\n\n{note}"


def _save_gallery(path: Path, sets: dict[str, list[Result]]) -> None:
    """Write a page that shows every miss."""
    parts = [f"<!doctype html><meta charset=utf-8><title>Misses</title><style>{STYLE}</style>"]
    for name, results in sets.items():
        wrong: Callable[[Result], bool] = (
            (lambda result: result.is_answered)
            if "nondigit" in name
            else (lambda result: not result.is_right)
        )
        missed = [result for result in results if wrong(result)]
        parts.append(f"<h2>{name}: {len(missed)} of {len(results)}</h2>")
        parts += [_figure(result) for result in missed]
    path.write_text("\n".join(parts), encoding="utf-8")


def _figure(result: Result) -> str:
    picture = Image.fromarray(result.sample.picture)
    picture.thumbnail((600, 320))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    read_as = result.reading.text or result.reading.reason
    words = html.escape(f"{result.sample.name}: {result.sample.truth} read as {read_as}")
    image = f"<img src='data:image/png;base64,{data}' alt=''>"
    return f"<figure>{image}<figcaption>{words}</figcaption></figure>"


if __name__ == "__main__":
    print(main())
