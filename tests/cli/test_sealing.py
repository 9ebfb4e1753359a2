"""The company's seal as finance uses it: named in the workspace, its passphrase in the environment."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli_world import Done, call
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from seal_samples import MADE, PASSPHRASE, Issued, authority, issue

from compengine.actions import sealing

NOW_IN_DAYS = (datetime.now(UTC) - MADE) // timedelta(days=1)
VALID = (NOW_IN_DAYS - 10, NOW_IN_DAYS + 300)


@pytest.fixture(scope="module")
def mine() -> Issued:
    return issue("Acme Pay", issue("Acme Root", days=VALID), days=VALID)


@pytest.fixture
def root(closed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mine: Issued) -> Path:
    """A closed month whose statements are to be sealed."""
    (tmp_path / "seal.p12").write_bytes(mine.p12())
    monkeypatch.setenv(sealing.PASSPHRASE, PASSPHRASE.decode())
    return named(Path(shutil.copytree(closed, tmp_path / "acme")), "key: ../seal.p12")


def named(root: Path, *lines: str) -> Path:
    place = root / "compengine.yaml"
    text = place.read_text("utf-8").partition("\nstatements:")[0]
    place.write_text(text + "\nstatements:\n  seal:\n" + "".join(f"    {line}\n" for line in lines), "utf-8")
    return root


def ann(root: Path) -> Done:
    """Her statement printed, by nobody."""
    return call(root, "statements", "2026-01", "--payee", "ann")


def test_final_statements_are_sealed_and_go_on_record_as_they_are(root: Path, tmp_path: Path, mine: Issued) -> None:
    done = call(root, "statements", "2026-01", who="olive")
    assert "4 statements of 2026-01 (final, sealed)" in done.out and "on record as S0001" in done.out, done.err
    again = call(root, "statements", "2026-01", who="olive")
    assert "4 of them there already" in again.out and "on record as S0001" in again.out
    manifest = json.loads((root / "statements" / "2026-01" / "manifest.json").read_text("utf-8"))
    assert all(each["bytes"] > each["unsealed"]["bytes"] for each in manifest["statements"])
    assert call(root, "verify").code == 0

    file = "statements/2026-01/statement-2026-01-000001.pdf"
    trust = tmp_path / "root.pem"
    trust.write_bytes(mine.above[0].public_bytes(Encoding.PEM))
    told = call(root, "verify", file)
    assert told.out.endswith("PROVEN\n") and "not checked against a trusted certificate" in told.out
    told = call(root, "verify", file, "--trust", str(trust))
    assert told.code == 0 and "CN=Acme Pay,O=Acme Ltd" in told.out and "              trusted\n" in told.out
    trust.write_bytes(authority().certificates())
    told = call(root, "verify", file, "--trust", str(trust))
    assert told.code == 1 and "whom no certificate given vouches for" in told.out
    shown = call(root, "verify", file, "--trust", str(trust), "--format", "json").json
    assert (shown["ok"], shown["seal"]["sound"], shown["seal"]["trusted"]) == (False, True, False)
    trust.write_text("no certificate")
    assert "root.pem:1:1" in call(root, "verify", file, "--trust", str(trust)).err
    assert call(root, "verify", "--trust", str(trust)).code == 2


def test_what_begins_a_sealed_file_is_what_is_printed_without_a_seal(root: Path) -> None:
    assert ann(root).code == 0
    [file] = (root / "statements" / "2026-01").glob("*.pdf")
    sealed = file.read_bytes()
    shutil.rmtree(file.parent)
    place = root / "compengine.yaml"
    place.write_text(place.read_text("utf-8").partition("\nstatements:")[0] + "\n", "utf-8")
    assert "sealed" not in ann(root).out
    assert sealed.startswith(file.read_bytes()) and sealed != file.read_bytes()


def test_previews_and_other_formats_need_no_key(root: Path, tmp_path: Path) -> None:
    (tmp_path / "seal.p12").unlink()
    done = call(root, "statements", "2026-02")
    assert done.code == 0 and "(preview)" in done.out
    assert call(root, "statements", "2026-01", "--format", "html").code == 0


@pytest.mark.parametrize("passphrase", [b"", PASSPHRASE])
def test_key_and_certificates_can_be_pem_together_or_apart(
    root: Path, tmp_path: Path, mine: Issued, passphrase: bytes
) -> None:
    (tmp_path / "both.pem").write_bytes(mine.certificates() + mine.pem(passphrase))
    assert "(final, sealed)" in ann(named(root, "key: ../both.pem")).out
    (tmp_path / "key.pem").write_bytes(mine.pem(passphrase))
    (tmp_path / "certificate.pem").write_bytes(mine.certificates())
    assert "(final, sealed)" in ann(named(root, "key: ../key.pem", "certificate: ../certificate.pem")).out


def refused(root: Path) -> str:
    """What is said, and that nothing was written."""
    done = ann(root)
    assert done.code == 2 and "error[E812]" in done.err, done.out + done.err
    assert not list((root / "statements").glob("*/*.pdf"))
    assert PASSPHRASE.decode() not in done.err
    return done.err


def test_a_key_that_is_not_there(root: Path) -> None:
    said = refused(named(root, "key: ../absent.p12"))
    assert "the key of the seal, ../absent.p12, cannot be read: No such file" in said


def test_a_passphrase_that_is_missing_or_another(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sealing.PASSPHRASE, "another")
    assert "seal.p12 cannot be opened with that passphrase" in refused(root)
    monkeypatch.delenv(sealing.PASSPHRASE)
    assert "seal.p12 asks for a passphrase" in refused(root)
    assert "set COMPENGINE_SEAL_PASSPHRASE" in refused(root)


def test_a_passphrase_in_the_workspace_file_is_answered_with_where_it_belongs(root: Path) -> None:
    done = ann(named(root, "key: ../seal.p12", "passphrase: hunter2"))
    assert "error[E104]" in done.err and "COMPENGINE_SEAL_PASSPHRASE" in done.err
    assert "error[E105]" in ann(named(root, "certificate: ../c.pem")).err


@pytest.mark.parametrize(("days", "message"), [((-400, -200), "expired on "), ((200, 400), "is valid from ")])
def test_a_certificate_that_is_not_in_force(root: Path, tmp_path: Path, days: tuple[int, int], message: str) -> None:
    then = (NOW_IN_DAYS + days[0], NOW_IN_DAYS + days[1])
    (tmp_path / "seal.p12").write_bytes(issue(days=then).p12())
    assert message in refused(root)


def test_a_key_and_a_certificate_that_do_not_belong_together(root: Path, tmp_path: Path, mine: Issued) -> None:
    (tmp_path / "key.pem").write_bytes(mine.pem())
    (tmp_path / "c.pem").write_bytes(issue("Somebody").certificates())
    said = refused(named(root, "key: ../key.pem", "certificate: ../c.pem"))
    assert "and the certificate of CN=Somebody,O=Acme Ltd in ../c.pem do not belong together" in said
    assert "there is no certificate for ../key.pem" in refused(named(root, "key: ../key.pem"))


def test_a_key_that_no_viewer_takes_and_a_file_that_holds_none(root: Path, tmp_path: Path) -> None:
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(ed25519.Ed25519PrivateKey.generate().private_bytes(*form))
    assert "holds no key that a viewer of PDFs takes" in refused(named(root, "key: ../key.pem"))
    (tmp_path / "key.pem").write_bytes(rsa.generate_private_key(65537, 1024).private_bytes(*form))
    assert "holds no key that a viewer of PDFs takes" in refused(named(root, "key: ../key.pem"))
    (tmp_path / "key.pem").write_text("-----BEGIN nonsense")
    assert "holds no key that can be read" in refused(named(root, "key: ../key.pem"))


def test_a_key_among_the_files_of_the_workspace(root: Path, mine: Issued) -> None:
    (root / "seal.p12").write_bytes(mine.p12())
    assert "lies among the files of the workspace" in refused(named(root, "key: seal.p12"))
    (root / ".compengine" / "seal.p12").write_bytes(mine.p12())
    assert "(final, sealed)" in ann(named(root, "key: .compengine/seal.p12")).out


def test_without_pyhanko_it_is_said_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "can_seal", lambda: False)
    assert "pip install 'compengine[seal]'" in refused(root)


def test_a_key_is_never_shown(mine: Issued) -> None:
    seal = mine.seal()
    assert isinstance(mine.key, ec.EllipticCurvePrivateKey)
    assert seal.key.hex() not in repr(seal) and str(seal.key) not in repr(seal)
