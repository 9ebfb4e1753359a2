"""Certificates that nobody trusts, made anew for each run of the tests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from compengine.statement.seal import Seal

MADE = datetime(2026, 4, 2, 10, 11, 12, tzinfo=UTC)
PASSPHRASE = b"a passphrase of the tests"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Issued:
    key: Private
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    def pem(self, passphrase: bytes = b"") -> bytes:
        """The key alone."""
        locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)

    def certificates(self) -> bytes:
        return b"".join(each.public_bytes(Encoding.PEM) for each in (self.certificate, *self.above))

    def p12(self, passphrase: bytes = PASSPHRASE) -> bytes:
        locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return pkcs12.serialize_key_and_certificates(b"seal", self.key, self.certificate, self.above, locked)

    def seal(self, made: datetime = MADE) -> Seal:
        der = [each.public_bytes(Encoding.DER) for each in (self.certificate, *self.above)]
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return Seal(key, der[0], tuple(der[1:]), made)


def issue(
    name: str = "Acme Pay", by: Issued | None = None, key: Private | None = None, days: tuple[int, int] = (-30, 365)
) -> Issued:
    """A certificate in force so many days from `MADE`; it may sign others where nobody signed it."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme Ltd"), _common(name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(MADE + timedelta(days=days[0]))
        .not_valid_after(MADE + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    signed = builder.sign((by.key if by else own), hashes.SHA256())
    return Issued(own, signed, (by.certificate,) if by else ())


def _common(name: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(NameOID.COMMON_NAME, name)


@lru_cache(maxsize=1)
def authority() -> Issued:
    return issue("Acme Root")


@lru_cache(maxsize=1)
def company() -> Issued:
    return issue("Acme Pay", authority())
