from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from duramen.times import utc_now
from duramen.version import __version__
from duramen.webhooks import Webhook
from duramen.webhooks.guard import Guard
from duramen.webhooks.sending import Sender, dated_signature, signature
from duramen.webhooks.sent import Told
from tests.webhooks.receiver import receiving

TOLD = Told(event="retain.completed", delivery="d1", happened="e1", body='{"a": "ü"}'.encode())


def hook(url: str, **options: object) -> Webhook:
    now = utc_now()
    return Webhook(id="w", bank="b", url=url, created=now, updated=now, **options)  # type: ignore[arg-type]


@pytest.fixture
def sender() -> Sender:
    return Sender(Guard(allow_private=True))


class Elsewhere(Guard):
    """Resolves every name to this machine, whatever the system makes of it."""

    async def addresses(self, url: httpx.URL) -> list[str]:
        return ["127.0.0.1"]


async def test_what_is_sent_is_signed_json_with_its_headers(sender: Sender) -> None:
    with receiving() as server:
        sent = await sender.send(hook(server.url(), secret="s3cret", headers={"Authorization": "Bearer x"}), TOLD)

    (got,) = server.got
    assert (sent.status, sent.error) == (200, "")
    assert (got.method, got.path, got.body) == ("POST", "/hook", TOLD.body)
    assert got.headers["X-Hindsight-Signature"] == (
        "sha256=" + hmac.new(b"s3cret", got.body, hashlib.sha256).hexdigest()
    )
    time, _, proof = got.headers["X-Hindsight-Signature-V2"].partition(",")
    seconds = int(time.removeprefix("t="))
    assert f"{time},{proof}" == dated_signature("s3cret", got.body, seconds)
    assert abs(seconds - utc_now().timestamp()) < 300
    assert {name: got.headers[name] for name in ("Content-Type", "X-Hindsight-Event", "Authorization", "Host")} == {
        "Content-Type": "application/json",
        "X-Hindsight-Event": "retain.completed",
        "Authorization": "Bearer x",
        "Host": f"127.0.0.1:{server.port}",
    }
    assert (got.headers["X-Hindsight-Delivery"], got.headers["X-Hindsight-Event-Id"]) == ("d1", "e1")
    assert got.headers["User-Agent"] == f"duramen/{__version__}"


async def test_without_a_secret_nothing_is_signed(sender: Sender) -> None:
    with receiving() as server:
        await sender.send(hook(server.url()), TOLD)

    assert not [name for name in server.got[0].headers if "signature" in name.lower()]


async def test_a_get_has_the_parameters_and_no_body(sender: Sender) -> None:
    with receiving() as server:
        await sender.send(
            hook(server.url(path="/h?a=1"), method="GET", params={"b": "2&c=3"}, secret="s", timeout_seconds=1), TOLD
        )

    (got,) = server.got
    assert (got.method, got.path, got.body) == ("GET", "/h?a=1&b=2%26c%3D3", b"")
    assert got.headers["X-Hindsight-Signature"] == signature("s", b"")


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_an_error_is_told_with_its_status(sender: Sender, status: int) -> None:
    with receiving(statuses=[status]) as server:
        sent = await sender.send(hook(server.url()), TOLD)

    assert (sent.status, sent.final) == (status, False)
    assert str(status) in sent.error


async def test_what_is_gone_is_not_tried_again(sender: Sender) -> None:
    with receiving(statuses=[410]) as server:
        sent = await sender.send(hook(server.url()), TOLD)

    assert (sent.status, sent.final) == (410, True)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(sender: Sender, status: int) -> None:
    with receiving() as other, receiving(statuses=[status], location=other.url()) as server:
        sent = await sender.send(hook(server.url()), TOLD)

    assert (sent.status, sent.final, other.got) == (status, False, [])
    assert "not followed" in sent.error


async def test_a_server_that_takes_too_long_is_given_up(sender: Sender) -> None:
    with receiving(delay=1.5) as server:
        sent = await sender.send(hook(server.url(), timeout_seconds=1), TOLD)

    assert (sent.status, sent.final) == (None, False)
    assert "within 1 s" in sent.error


async def test_of_a_long_answer_only_the_beginning_is_read(sender: Sender) -> None:
    with receiving(length=1 << 26) as server:
        sent = await sender.send(hook(server.url()), TOLD)

    assert sent.status == 200
    assert server.sent < 1 << 26


async def test_nobody_there_is_told(sender: Sender) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        sent = await sender.send(hook(f"http://127.0.0.1:{unused.getsockname()[1]}/"), TOLD)

    assert (sent.status, sent.final) == (None, False)
    assert "ConnectError" in sent.error


async def test_a_host_without_an_address_is_told(sender: Sender) -> None:
    sent = await Sender(Guard()).send(hook("http://nowhere.invalid/"), TOLD)

    assert (sent.status, sent.final) == (None, False)
    assert "resolved" in sent.error


async def test_what_leads_to_a_private_address_at_delivery_is_refused_for_good() -> None:
    with receiving() as server:
        sent = await Sender(Guard()).send(hook(server.url("localhost")), TOLD)

    assert (sent.status, sent.final, server.got) == (None, True, [])
    assert "public" in sent.error


async def test_the_connection_goes_to_an_address_that_was_checked() -> None:
    guard = Guard(allowed=["127.0.0.0/8", "::1"])
    with receiving() as server:
        by_name = await Sender(guard).send(hook(server.url("localhost")), TOLD)
        rebound = await Sender(Elsewhere()).send(hook(server.url("nowhere.invalid")), TOLD)

    assert (by_name.status, rebound.status) == (200, 200)
    assert [got.headers["Host"] for got in server.got] == [
        f"localhost:{server.port}",
        f"nowhere.invalid:{server.port}",
    ]


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    with receiving() as proxy, receiving() as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(path=""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(path=""))
        sent = await sender.send(hook(server.url()), TOLD)

    assert (sent.status, proxy.got, len(server.got)) == (200, [], 1)


@pytest.mark.parametrize("host", ["hooks.invalid", "other.invalid"])
async def test_the_certificate_must_be_that_of_the_host_though_an_address_is_connected_to(
    tmp_path: Path, host: str
) -> None:
    pem = certificate(tmp_path, "hooks.invalid")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    trusting = ssl.create_default_context(cafile=str(pem))
    with receiving(serving) as server:
        sent = await Sender(Elsewhere(), trusting).send(hook(server.url(host, scheme="https")), TOLD)

    if host == "hooks.invalid":
        assert (sent.status, len(server.got)) == (200, 1)
    else:
        assert (sent.status, server.got) == (None, [])
        assert "ConnectError" in sent.error


def certificate(folder: Path, host: str) -> Path:
    """Make a certificate for `host`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = utc_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return pem
