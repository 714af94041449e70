"""One POST, and everything that a name or a receiver can do to it."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.channels import http
from notifications.channels.addresses import is_public
from tests.notifications.receiver import DRIP, DROP, HANG, receiver

NAME = "hooks.example"


def post(url: str, **changed: Any) -> http.Answer:
    said: dict[str, Any] = {
        "seconds": 5,
        "plain": True,
        "allowed": lambda address: True,
        "resolve": lambda host, port: ["127.0.0.1"],
    }
    return http.post(url, b"{}", {"X-One": "1"}, **(said | changed))


def test_it_goes_to_the_checked_address_and_names_the_name() -> None:
    with receiver(200) as other:
        answer = post(other.url(NAME, "/in?a=1"))

    assert answer.status == 200
    [sent] = other.sent
    assert (sent.path, sent.body, sent.headers["X-One"]) == ("/in?a=1", b"{}", "1")
    assert sent.headers["Host"] == f"{NAME}:{other.port}"


def test_tls_shows_the_name_and_the_certificate_must_be_for_it(tmp_path: Path) -> None:
    server, client = contexts(tmp_path)
    names: list[str | None] = []
    server.sni_callback = lambda line, name, context: names.append(name)
    with receiver(200, tls=server) as other:
        assert post(other.url(NAME, scheme="https"), context=client).status == 200
        with pytest.raises(http.NotSentError):
            post(other.url("other.example", scheme="https"), context=client)
        with pytest.raises(http.NotSentError):
            post(other.url(NAME, scheme="https"))  # nobody known has signed it
    assert names == [NAME, "other.example", NAME]
    assert len(other.sent) == 1


def test_a_name_is_looked_up_once_so_a_second_answer_leads_nowhere() -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    with receiver(200) as other:
        assert post(other.url(NAME), resolve=lambda host, port: answers.pop(0)).status == 200
    assert answers == [["10.0.0.1"]]


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["169.254.169.254"]]
)
def test_a_name_with_one_address_of_ours_is_not_called(found: list[str]) -> None:
    with receiver(200) as other, pytest.raises(http.ForbiddenAddressError):
        post(other.url(NAME), allowed=is_public, resolve=lambda host, port: found)
    assert other.sent == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "[::1]"])
def test_loopback_in_any_spelling_is_found_out(host: str) -> None:
    with receiver(200) as other, pytest.raises(http.NotSentError):
        post(other.url(host), allowed=is_public, resolve=http.resolve)
    assert other.sent == []


def test_redirects_are_answers() -> None:
    with receiver(302) as other:
        other.location = other.url(path="/elsewhere")
        assert post(other.url()).status == 302
    assert [one.path for one in other.sent] == ["/hook"]


def test_a_long_answer_is_cut() -> None:
    with receiver(200) as other:
        other.body = b"x" * 1_000_000
        assert len(post(other.url()).body) == http.LARGEST_ANSWER


@pytest.mark.parametrize("behaviour", [HANG, DRIP, DROP])
def test_a_receiver_that_gives_no_answer_does_not_hold_us(behaviour: str) -> None:
    began = time.monotonic()
    with receiver(behaviour) as other, pytest.raises(http.NoAnswerError):
        post(other.url(), seconds=0.4)
    assert time.monotonic() - began < 3


def test_nobody_there() -> None:
    with receiver() as other:
        pass
    with pytest.raises(http.NotSentError):
        post(other.url())


def test_no_such_name() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(http.NotSentError):
        post("http://nowhere.example/", resolve=nothing)
    with pytest.raises(http.NotSentError):
        post(f"http://{'a' * 70}.example/", resolve=http.resolve)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://",
        "https:///in",
        "https://ada:secret@hooks.example/",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://hooks.example/\r\nX: 1",
        "https://hooks.example\\@127.0.0.1/",
        "https://hööks.example/",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_to_call(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        http.split(url, plain=False)


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that is `NAME`, and a client that believes whoever says so."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(public, private)
    return server, ssl.create_default_context(cafile=str(public))
