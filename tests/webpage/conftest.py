"""The page that exported files are made of."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from tenfold.webpage import export


@pytest.fixture(autouse=True)
def _page(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the service's page for that of exported files, its module of the service renamed."""
    page = tmp_path_factory.mktemp("page")
    shutil.copytree(str(files("tenfold.serve") / "static"), page, dirs_exist_ok=True)
    (page / "service.js").rename(page / "host.js")
    for module in page.glob("*.js"):
        module.write_text(module.read_text("utf-8").replace("./service.js", "./host.js"), encoding="utf-8")
    runtime = Path(str(files("tenfold.webpage"))) / "js"
    monkeypatch.setattr(export, "_folder", {"page": page, "js": runtime}.__getitem__)
