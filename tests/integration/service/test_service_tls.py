"""Mutual TLS: who may call, and what."""

import datetime
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc

from rankd.client import EventInput, RankdCallError, RankdClient, TlsFiles
from rankd.core.errors import ServiceError
from rankd.edge.config import Tls
from rankd.edge.grpc.credentials import server_credentials
from tests.conftest import House
from tests.integration.service.conftest import CANDIDATES, COLUMNS, Running, config_over, running

FEED = "spiffe://coop.test/feed"


@dataclass(frozen=True)
class Authority:
    """A certificate authority in a folder."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(self, name: str, common_name: str, alternative_names: list[x509.GeneralName]) -> tuple[Path, Path]:
        """Write a certificate and its key; return their paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(common_name, self.certificate.subject, key)
        if alternative_names:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternative_names), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return _write(self.folder / name, certificate, key)

    def caller(self, name: str, common_name: str, alternative_names: list[x509.GeneralName]) -> TlsFiles:
        """Issue a caller's certificate."""
        cert, key = self.issue(name, common_name, alternative_names)
        return TlsFiles(server_ca=self.folder / "ca.pem", cert=cert, key=key)


def new_authority(folder: Path) -> Authority:
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    certificate = (
        _builder("authority", name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca", certificate, key)
    return Authority(folder, key, certificate)


def _builder(common_name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
    )


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
    cert_path, key_path = path.with_suffix(".pem"), path.with_suffix(".key")
    cert_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_path, key_path


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return new_authority(tmp_path / "tls")


@pytest.fixture
def server(authority: Authority, house: House) -> Iterator[Running]:
    cert, key = authority.issue(
        "server", "server", [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    config = config_over(house).model_copy(
        update={
            "tls": Tls(cert=cert, key=key, client_ca=authority.folder / "ca.pem"),
            "callers": {
                FEED: frozenset({"feed"}),
                "auditor.test": frozenset({"audit"}),
                "secretariat.test": frozenset({"assembly"}),
                "events.test": frozenset({"feedback"}),
                "old name": frozenset({"operator"}),
            },
        }
    )
    with running(config) as found:
        yield found


def rank(client: RankdClient, viewer_id: str = "viewer-1") -> str:
    slate = client.rank(surface="video", viewer_id=viewer_id, candidates=CANDIDATES, columns=COLUMNS, limit=2)
    return slate.decision_id


def refused(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(RankdCallError) as caught:
        call()
    return caught.value.status, caught.value.reason


def test_a_caller_is_known_by_the_uri_in_its_certificate(server: Running, authority: Authority) -> None:
    files = authority.caller("feed", "anything", [x509.DNSName("x.test"), x509.UniformResourceIdentifier(FEED)])
    with server.client(tls=files) as client:
        decision_id = rank(client)
        assert client.get_surface("video").surface == "video"
        assert client.explain(decision_id, viewer_id="viewer-1").decision_id == decision_id


def test_the_same_request_id_of_two_callers_is_two_requests(server: Running, authority: Authority) -> None:
    files = authority.caller("feed", "feed", [x509.UniformResourceIdentifier(FEED)])
    with server.client(tls=files) as client:
        rank(client)
    assert b'"caller":"' + FEED.encode() + b'"' in server.service.desk.journal.record(1)


def test_a_feed_must_name_the_viewer_whose_decision_it_explains(server: Running, authority: Authority) -> None:
    files = authority.caller("feed", "feed", [x509.UniformResourceIdentifier(FEED)])
    with server.client(tls=files) as client:
        decision_id = rank(client)
        assert refused(lambda: client.explain(decision_id)) == ("INVALID_ARGUMENT", "VIEWER_NEEDED")
        other = refused(lambda: client.explain(decision_id, viewer_id="viewer-2"))
    assert other == ("PERMISSION_DENIED", "DECISION_OF_ANOTHER_VIEWER")


def test_an_auditor_may_explain_any_decision_but_not_rank(server: Running, authority: Authority) -> None:
    feed = authority.caller("feed", "feed", [x509.UniformResourceIdentifier(FEED)])
    auditor = authority.caller("auditor", "feed", [x509.DNSName("auditor.test")])
    with server.client(tls=feed) as client:
        decision_id = rank(client)
    with server.client(tls=auditor) as client:
        assert client.explain(decision_id).decision_id == decision_id
        assert client.status().decision_count == 1
        assert refused(lambda: rank(client)) == ("PERMISSION_DENIED", "ROLE_MISSING")


def test_records_are_for_auditors_and_proofs_for_every_known_caller(server: Running, authority: Authority) -> None:
    feed = authority.caller("feed", "feed", [x509.UniformResourceIdentifier(FEED)])
    auditor = authority.caller("auditor", "feed", [x509.DNSName("auditor.test")])
    stranger = authority.caller("sly", "old name", [x509.UniformResourceIdentifier("spiffe://coop.test/other")])
    with server.client(tls=feed) as client:
        decision_id = rank(client)
        server.service.desk.journal.publish()
        assert refused(lambda: client.audit.decision(decision_id)) == ("PERMISSION_DENIED", "ROLE_MISSING")
        assert client.audit.inclusion_proof(0).leaf_hash
        assert client.audit.consistency_proof(0).first_size == 0
    with server.client(tls=auditor) as client:
        assert client.audit.decision(decision_id).record
    with server.client(tls=stranger) as client:
        assert refused(client.audit.checkpoint) == ("UNAUTHENTICATED", "CALLER_UNKNOWN")


def test_feedback_is_for_callers_with_its_role_and_gives_no_other(server: Running, authority: Authority) -> None:
    feed = authority.caller("feed", "feed", [x509.UniformResourceIdentifier(FEED)])
    sender = authority.caller("events", "events", [x509.DNSName("events.test")])
    with server.client(tls=feed) as client:
        slate = client.rank(surface="video", viewer_id="v", candidates=CANDIDATES, columns=COLUMNS, limit=2)
        events = [EventInput("click", slate.ids[0])]
        told = refused(lambda: client.feedback.record("v", slate.feedback_token, events))
    assert told == ("PERMISSION_DENIED", "ROLE_MISSING")
    with server.client(tls=sender) as client:
        (outcome,) = client.feedback.record("v", slate.feedback_token, events)
        assert outcome.status == "ACCEPTED"
        assert refused(lambda: rank(client)) == ("PERMISSION_DENIED", "ROLE_MISSING")


def test_a_common_name_counts_where_the_certificate_has_no_other(server: Running, authority: Authority) -> None:
    with server.client(tls=authority.caller("old", "old name", [])) as client:
        assert client.status().origin == "dev.test"
        assert refused(lambda: client.get_surface("video")) == ("PERMISSION_DENIED", "ROLE_MISSING")


def test_an_unknown_uri_is_not_let_in_by_a_known_common_name(server: Running, authority: Authority) -> None:
    files = authority.caller("sly", "old name", [x509.UniformResourceIdentifier("spiffe://coop.test/other")])
    with server.client(tls=files) as client:
        assert refused(client.status) == ("UNAUTHENTICATED", "CALLER_UNKNOWN")


def test_a_certificate_of_another_authority_does_not_connect(
    server: Running, authority: Authority, tmp_path: Path
) -> None:
    stranger = new_authority(tmp_path / "other").caller("feed", "feed", [x509.UniformResourceIdentifier(FEED)])
    files = TlsFiles(authority.folder / "ca.pem", stranger.cert, stranger.key)
    with server.client(tls=files, timeout_s=2) as client:
        assert refused(client.status)[0] == "UNAVAILABLE"


def test_a_caller_without_tls_does_not_connect(server: Running) -> None:
    with server.client(tls=None, timeout_s=2) as client:
        assert refused(client.status)[0] == "UNAVAILABLE"


def test_health_is_told_to_every_certificate_of_the_authority(server: Running, authority: Authority) -> None:
    files = authority.caller("probe", "load balancer", [])
    with grpc.secure_channel(server.address, files.credentials()) as channel:
        status = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5).status
    assert status == health_pb2.HealthCheckResponse.SERVING


def test_a_key_that_is_not_the_certificates_is_refused_before_anybody_calls(authority: Authority) -> None:
    cert, _ = authority.issue("server", "server", [])
    with pytest.raises(ServiceError) as caught:
        server_credentials(Tls(cert=cert, key=authority.folder / "ca.key", client_ca=authority.folder / "ca.pem"))
    assert caught.value.reason == "TLS_FILE_INVALID"


def test_a_tls_file_that_is_not_there_is_named(authority: Authority) -> None:
    cert, key = authority.issue("server", "server", [])
    with pytest.raises(ServiceError) as caught:
        server_credentials(Tls(cert=cert, key=key, client_ca=authority.folder / "nobody.pem"))
    assert (caught.value.reason, caught.value.metadata["key"]) == ("TLS_FILE_UNREADABLE", "tls.client_ca")


def test_members_entries_come_through_callers_with_that_role_and_auditors_may_read_them(
    server: Running, authority: Authority
) -> None:
    denied, let_in = ("PERMISSION_DENIED", "ROLE_MISSING"), ("FAILED_PRECONDITION", "MINUTES_NOT_KEPT")
    wanted = {
        "auditor.test": (denied, let_in),
        "secretariat.test": (let_in, let_in),
        FEED: (denied, denied),
    }
    for name, outcomes in wanted.items():
        alternative = x509.UniformResourceIdentifier(name) if name == FEED else x509.DNSName(name)
        with server.client(tls=authority.caller("caller", "caller", [alternative])) as client:
            submitted = refused(lambda client=client: client.assembly.submit(b"{}"))  # type: ignore[misc]
            listed = refused(lambda client=client: client.assembly.page())  # type: ignore[misc]
        assert (submitted, listed) == outcomes
