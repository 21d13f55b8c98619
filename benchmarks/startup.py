"""How long `import tenfold` and `tenfold --help` take, beside a Python that does nothing."""

import json
import statistics
import subprocess
import sys
import time

from benchmarks.table import machine, markdown_table

ROUNDS = 15
HEAVY = ("torch", "sklearn", "matplotlib", "onnxruntime", "cv2")

WAYS = {
    "`python -c pass`": ["-c", "pass"],
    "`import tenfold`": ["-c", "import tenfold"],
    "`tenfold --help`": ["-m", "tenfold", "--help"],
}
LOADED = """
import json, sys
sys.argv = {argv!r}
try:
    {code}
except SystemExit:
    pass
print(json.dumps(sorted(set({heavy!r}) & set(sys.modules))), file=sys.stderr)
"""


def main() -> str:
    """Measure, and return the table."""
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, arguments in WAYS.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            seconds[way].append(time.perf_counter() - started)
    idle = statistics.median(seconds["`python -c pass`"])
    loaded = {
        "`python -c pass`": [],
        "`import tenfold`": _heavy_modules("import tenfold", []),
        "`tenfold --help`": _heavy_modules(
            "from tenfold.cli.main import main; main()", ["tenfold", "--help"]
        ),
    }
    rows = [
        [
            way,
            f"{statistics.median(times):.3f}",
            f"{min(times):.3f}–{max(times):.3f}",
            f"{statistics.median(times) - idle:.3f}",
            ", ".join(loaded[way]) or "none",
        ]
        for way, times in seconds.items()
    ]
    headings = [
        "command",
        "seconds, median",
        "range",
        "above Python's own",
        f"of {', '.join(HEAVY)} imported",
    ]
    return f"{markdown_table(headings, rows)}\n\n{ROUNDS} rounds in turn. {machine('typer', 'rich')}"


def _heavy_modules(code: str, argv: list[str]) -> list[str]:
    """Return which heavy modules a piece of code imports."""
    script = LOADED.format(code=code, argv=argv, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    modules: list[str] = json.loads(done.stderr)
    return modules


if __name__ == "__main__":
    print(main())
