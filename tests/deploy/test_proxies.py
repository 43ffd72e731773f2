"""The proxies of `deploy/` before real servers: each bank goes to one of them, however its name is written."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.serving import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
BANKS = [f"user:{name}" for name in ("ada", "grace", "edsger", "barbara", "alan", "kurt", "emmy", "lise")]
BEGIN_SECONDS = 20.0


class Told(BaseHTTPRequestHandler):
    """Answers which server it is, and what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        body = f"{self.server.server_port}\n{self.path}\n{self.headers['Host']}\n{self.headers['X-Forwarded-For']}".encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def servers(number: int) -> Iterator[list[int]]:
    """Run servers that tell who they are; yield their ports."""
    with ExitStack() as stack:
        ports = []
        for _ in range(number):
            server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            ports.append(server.server_port)
        yield ports


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")
    return found


def nginx(ports: Sequence[int], own: int, place: Path) -> tuple[list[str], str]:
    """Return how nginx is begun with our file, and the file; only addresses are others."""
    text = (DEPLOY / "nginx.conf").read_text()
    for number, port in enumerate(ports, 1):
        text, changed = re.subn(rf"\bapi-{number}:8888", f"127.0.0.1:{port}", text)
        assert changed == 1
    text = text.replace("listen 8080", f"listen 127.0.0.1:{own}").replace("/tmp/", f"{place}/")
    path = place / "nginx.conf"
    path.write_text(text)
    return [program("nginx"), "-p", str(place), "-e", "stderr", "-c", str(path), "-g", "daemon off; user root;"], text


def haproxy(ports: Sequence[int], own: int, place: Path) -> tuple[list[str], str]:
    """Return how HAProxy is begun with our file, and the file; only addresses are others."""
    text = (DEPLOY / "haproxy.cfg").read_text()
    for number, port in enumerate(ports, 1):
        text, changed = re.subn(rf"\bapi-{number}:8888", f"127.0.0.1:{port}", text)
        assert changed == 1
    text = text.replace("bind :8080", f"bind 127.0.0.1:{own}")
    path = place / "haproxy.cfg"
    path.write_text(text)
    return [program("haproxy"), "-db", "-f", str(path)], text


PROXIES: Mapping[str, Callable[[Sequence[int], int, Path], tuple[list[str], str]]] = {
    "nginx": nginx,
    "haproxy": haproxy,
}


@pytest.fixture(scope="module", params=PROXIES)
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A proxy with our file before two servers, and a client of it."""
    place, own = tmp_path_factory.mktemp(request.param), free_port()
    with servers(2) as ports:
        command, _ = PROXIES[request.param](ports, own, place)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{own}", timeout=10) as client:
                _wait(client, process)
                yield client
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _wait(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + BEGIN_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[0]
        try:
            if client.get("/").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("the proxy did not begin")


def asked(client: httpx.Client, path: str) -> list[str]:
    """Return the port of the server that answered, the path and the host that it saw, and for whom it was."""
    answer = client.get(path, headers={"Host": "memory.example.com:8080"})
    assert answer.status_code == 200
    return answer.text.split("\n")


def test_all_of_a_bank_goes_to_one_server(proxy: httpx.Client) -> None:
    for bank in BANKS:
        coded = bank.replace(":", "%3A")
        paths = [
            f"/v1/default/banks/{bank}/memories/recall",
            f"/v1/default/banks/{coded}/memories",
            f"/v1/default/banks/{coded}",
            f"/v1/default/banks/{bank}/stats?limit=5",
        ]
        assert len({asked(proxy, path)[0] for path in paths}) == 1, bank
        assert asked(proxy, f"/mcp/{bank}")[0] == asked(proxy, f"/mcp/{coded}")[0]
        assert asked(proxy, f"/memories/{coded}/events")[0] == asked(proxy, f"/memories/{bank}/retrieve")[0]


def test_banks_go_to_all_servers(proxy: httpx.Client) -> None:
    assert len({asked(proxy, f"/v1/default/banks/user:{number}/stats")[0] for number in range(50)}) == 2


def test_what_names_no_bank_goes_to_all_servers(proxy: httpx.Client) -> None:
    assert len({asked(proxy, "/version")[0] for _ in range(40)}) == 2


def test_a_server_sees_what_was_sent_and_by_whom(proxy: httpx.Client) -> None:
    _, path, host, client = asked(proxy, "/v1/default/banks/a%2Fb%3Ac/documents/x%20y?q=%2F")

    assert path == "/v1/default/banks/a%2Fb%3Ac/documents/x%20y?q=%2F"
    assert host == "memory.example.com:8080"  # signatures of AWS are over it
    assert client == "127.0.0.1"


def test_the_proxy_of_kubernetes_has_the_same_rule_and_is_sound(tmp_path: Path) -> None:
    manifests = yaml.safe_load_all((DEPLOY / "kubernetes" / "proxy.yaml").read_text())
    text = next(one for one in manifests if one["kind"] == "ConfigMap")["data"]["haproxy.cfg"]
    rule = re.compile(r"^ *((?:http-request set-var|balance|hash-type).*)$", re.MULTILINE)

    assert rule.findall(text) == rule.findall((DEPLOY / "haproxy.cfg").read_text())

    found = program("haproxy")
    version = subprocess.run([found, "-v"], capture_output=True, text=True, check=True).stdout
    if int(version.split("version ")[1].split(".")[0]) < 3:
        text = text.replace("default-server hash-key addr-port\n", "\n")  # which HAProxy 3.0 brought
    path = tmp_path / "haproxy.cfg"
    path.write_text(text)
    told = subprocess.run([found, "-c", "-f", str(path)], capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stderr
