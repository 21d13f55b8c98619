"""Browsers without windows, which tell a server on loopback what a page found."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.chromium import CHROMIUM
from tests.webpage.marionette import Marionette, steering

FIREFOX: Final = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
QUIET: Final = """
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("marionette.port", 0);
"""
"""Settings of a Firefox that asks for nothing of its own."""


class Listener(ThreadingHTTPServer):
    """A server of a folder, which keeps the first body that is posted to it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.answered = threading.Event()
        self.path = ""
        self.body = b""

    @property
    def address(self) -> str:
        """Return what a browser calls it."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        """Keep the body, and where it was posted to."""
        self.server.body = self.rfile.read(int(self.headers["content-length"]))
        self.server.path = self.path
        self.send_response(204)
        self.end_headers()
        self.server.answered.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def ask_browser(browser: str, page: str, folder: Path, *, profile: Path, seconds: float) -> bytes:
    """Open a page of a folder in a browser, and return what it posts to ``answer``."""
    with _listening(folder) as listener, _browsing(browser, f"{listener.address}/{page}", profile):
        assert listener.answered.wait(seconds), f"{browser} did not answer within {seconds} seconds"
        assert listener.path == "/answer", listener.body.decode()
        return listener.body


@contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, and give its address."""
    with _listening(folder) as listener:
        yield listener.address


@contextmanager
def _listening(folder: Path) -> Iterator[Listener]:
    with Listener(folder) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield listener
        listener.shutdown()


@contextmanager
def _browsing(browser: str, address: str, profile: Path) -> Iterator[None]:
    """Have a browser show an address; skip where it is not installed."""
    with running({"chromium": _chromium, "firefox": _firefox}[browser](profile), address, profile=profile):
        yield


@contextmanager
def steering_firefox(profile: Path) -> Iterator[Marionette]:
    """Run a Firefox that does what it is told; skip where it is not installed."""
    with (
        running(_firefox(profile), "--marionette", "about:blank", profile=profile),
        steering(profile) as firefox,
    ):
        yield firefox


@contextmanager
def running(command: Sequence[str], *more: str, profile: Path) -> Iterator[None]:
    """Run a browser, and end it."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "HOME": str(profile), "MOZ_HEADLESS": "1"}
    with subprocess.Popen([*command, *more], env=environment, **quiet) as process:  # type: ignore[call-overload]
        try:
            yield
        finally:
            process.terminate()


def _chromium(profile: Path) -> list[str]:
    if not CHROMIUM:
        pytest.skip("needs Chromium: apt-get install chromium")
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
    return [CHROMIUM, *switches, "--disable-background-networking", f"--user-data-dir={profile}"]


def _firefox(profile: Path) -> list[str]:
    if not FIREFOX:
        pytest.skip("needs Firefox: apt-get install firefox-esr")
    (profile / "user.js").write_text(QUIET, encoding="utf-8")
    return [FIREFOX, "--headless", "--no-remote", "--profile", str(profile)]
