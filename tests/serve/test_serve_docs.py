"""docs/serve.md: its examples are run against a service."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from tenfold.serve.failures import TABLE
from tests.reading.pages import Hand
from tests.serve.clients import drawing
from tests.serve.process import Service

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text("utf-8")
NGINX = """
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    %s
}
"""
"""What stands around the example, so that whoever runs the tests may check it."""


def blocks(language: str) -> list[str]:
    """Return the code of a language that stands on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _files(hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with the files that the examples send: a picture, and digit images, of one digit."""
    monkeypatch.chdir(tmp_path)
    Path("digit.png").write_bytes(drawing(hand.images[0]))
    Path("images.bin").write_bytes(hand.images[0].tobytes())


def run(command: list[str]) -> str:
    """Run an example; it must end well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_examples_run(service: Service, hand: Hand) -> None:
    """Each curl command is answered with what stands in its picture."""
    if not shutil.which("curl"):
        pytest.skip("needs curl: apt-get install curl")
    commands = [code for code in blocks("sh") if code.startswith("curl")]
    assert len(commands) == 2
    for code in commands:
        for command in re.split(r"^(?=curl)", code, flags=re.MULTILINE)[1:]:
            said = run(["sh", "-c", command.replace("http://127.0.0.1:8000", service.address)])
            label = int(hand.labels[0])
            assert f'"text":"{label}"' in said or f'"label":{label}' in said or '"card"' in said


def test_python_example_runs(service: Service, hand: Hand) -> None:
    """The Python program prints what stands in the picture."""
    (code,) = blocks("python")
    said = run([sys.executable, "-c", code.replace("http://127.0.0.1:8000", service.address)]).split()

    assert said[0] == said[2] == str(hand.labels[0])
    assert said[3] == "None"


def test_javascript_example_runs(service: Service, hand: Hand) -> None:
    """The JavaScript program prints what stands in the picture."""
    if not shutil.which("node"):
        pytest.skip("needs Node: apt-get install nodejs")
    (code,) = blocks("javascript")
    Path("ask.mjs").write_text(code.replace("http://127.0.0.1:8000", service.address), "utf-8")

    assert run(["node", "ask.mjs"]).split()[0] == str(hand.labels[0])


@pytest.mark.slow
def test_systemd_unit_is_valid() -> None:
    """The unit has no fault that systemd finds, once its program is one that is here."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    (unit,) = blocks("ini")
    Path("tenfold.service").write_text(unit.replace("/opt/tenfold/bin/tenfold", sys.executable), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "./tenfold.service"],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if "tenfold" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.slow
def test_nginx_example_is_valid() -> None:
    """The example has no fault that nginx finds, once its certificate is one that is here."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not nginx:
        pytest.skip("needs nginx: apt-get install nginx-light")
    (server,) = blocks("nginx")
    certificate = trustme.CA().issue_cert("digits.example.org")
    certificate.cert_chain_pems[0].write_to_path("digits.pem")
    certificate.private_key_pem.write_to_path("digits.key")
    server = server.replace("/etc/ssl/", f"{Path.cwd()}/").replace("listen 443", "listen 44300")
    Path("nginx.conf").write_text(NGINX % server, "utf-8")
    done = subprocess.run(
        [nginx, "-t", "-p", ".", "-c", "nginx.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_page_names_every_code_of_the_table() -> None:
    """The codes of pictures and inputs that are refused stand on the page."""
    codes = {code for status, code, _ in TABLE.values() if status == 422}
    assert codes <= set(re.findall(r"`(\w+)`", PAGE))
