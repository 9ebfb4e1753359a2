"""One run in one file: computed again anywhere, and nothing in it can be changed without being named."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from cli_world import call, edit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compengine.actions.bundle import TIME, Kept, Told, parts_of
from compengine.inputs.objects import Store, get_table, put_table, write_content
from compengine.ledger.attested import Steps
from compengine.ledger.chain import GENESIS, row_hash
from compengine.ledger.checkpoint import Step, about_event, about_register, body_of, read_checkpoints
from compengine.ledger.leaves import EARNINGS, entitlement_root
from compengine.ledger.queries import Posting
from compengine.ledger.runs import columns_of, record_of
from compengine.ledger.signing import Key, public_text, sign
from compengine.ledger.store.tables import EVENTS, REGISTER, columns


@pytest.fixture(scope="module")
def bundle(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bundle") / "run.zip"
    done = call(closed, "bundle", "2026-01", "-o", str(file), "--format", "json")
    assert done.code == 0, done.err
    assert done.json["digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    return file


def test_it_is_computed_again_where_there_is_no_workspace(bundle: Path, tmp_path: Path) -> None:
    for words in ((), ("--independent",)):
        done = call(tmp_path, "replay", str(bundle), *words)
        assert (done.code, done.out.splitlines()[-1]) == (0, "MATCH"), done.err


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"secret": "00" * 32}, 1, "DIFFERENT"),
        ({"rows_root": "00" * 32}, 2, "E708"),
        ({"first_seq": 1}, 2, "the posting's seq is"),
        ({"actor": "petra"}, 2, "the posting's actor is petra"),
        ({"secret": "00"}, 2, "E708"),
        ({"run": "000000000000"}, 2, "E708"),
    ],
)
def test_the_root_over_what_was_posted_is_computed_from_the_bundle(
    bundle: Path, tmp_path: Path, change: dict[str, str], code: int, said: str
) -> None:
    assert re.search(r"  posted .*  same\n", call(tmp_path, "replay", str(bundle)).out)

    def changed(parts: dict[str, bytes]) -> None:
        with_manifest(parts, lambda manifest: manifest["posting"].update(change))

    done = call(tmp_path, "replay", str(rewritten(bundle, tmp_path / "r.zip", changed)))
    assert (done.code, said in done.out + done.err) == (code, True), done.out + done.err


def test_a_run_that_is_not_posted_is_bundled_without_a_posting(root: Path, tmp_path: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    assert call(root, "bundle", "2026-01", "-o", str(tmp_path / "a.zip")).code == 0
    done = call(tmp_path, "replay", "a.zip", "--format", "json")
    assert (done.code, done.json["posted"]) == (0, None)


def test_the_same_run_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    for name in ("a.zip", "b.zip"):
        assert call(root, "bundle", "2026-01", "-o", str(tmp_path / name)).code == 0
    one, two = ((tmp_path / name).read_bytes() for name in ("a.zip", "b.zip"))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert {info.date_time for info in archive.infolist()} == {TIME}


def test_people_find_in_it_what_the_program_reads(bundle: Path, closed: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("workspace.yaml") == (closed / "compengine.yaml").read_bytes()
        assert b"D01," in archive.read("inputs/deals.csv")
        assert archive.read("results/settlements.csv").count(b"\n") == 5
    assert {"README.txt", "ledger/events.csv", "results/earnings.csv"} <= names
    assert [e["kind"] for e in manifest["events"]][-1] == "paid"
    assert {"compengine", "python", "polars"} <= set(manifest["versions"])


def test_another_file_is_never_overwritten(closed: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("mine")
    done = call(closed, "bundle", "2026-01", "-o", str(tmp_path / "x.zip"))
    assert (done.code, "E707" in done.err) == (2, True)
    assert (tmp_path / "x.zip").read_text() == "mine"


def rewritten(bundle: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target


def test_whatever_is_changed_is_named(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = [name for name in archive.namelist() if name != "manifest.json"]
    for at, name in enumerate(names):

        def changed(parts: dict[str, bytes], name: str = name) -> None:
            parts[name] += b" "

        file = rewritten(bundle, tmp_path / f"{at}.zip", changed)
        done = call(tmp_path, "replay", str(file))
        assert (done.code, "E708" in done.err, name in done.err) == (2, True, True), done.err


def with_manifest(parts: dict[str, bytes], change: Callable[[dict[str, dict[str, str]]], None]) -> None:
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    manifest["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in parts.items() if n != "manifest.json"}
    parts["manifest.json"] = (json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def signed_anew(parts: dict[str, bytes]) -> None:
    """What somebody can do who makes up a key: hash every row again, and sign every checkpoint."""
    manifest = json.loads(parts["manifest.json"])
    record = record_of(manifest["run"])
    posting = Posting(**manifest["posting"] | {"run": record.id, "entitlement": record.entitlement})
    about: dict[int, tuple[str, tuple[tuple[str, str], ...]]] = {}
    for row in manifest["events"]:
        row |= {"run": record.id, "content": record.content}
        head = row_hash(EVENTS, [row[name] for name in columns(EVENTS)])
        about[row["seq"]] = head, about_event(row, record, posting if row["posting"] == posting.number else None)
    for row in manifest["register"]:
        head = row_hash(REGISTER, [row[name] for name in columns(REGISTER)])
        about[row["seq"]] = head, about_register(row)
    secret = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key = Key(secret.private_bytes_raw(), secret.public_key().public_bytes_raw())
    text, previous = "", GENESIS
    for one in read_checkpoints(parts["ledger/checkpoints.txt"].decode())[0]:
        head, said = about.get(one.seq, (one.head, one.about))
        made = sign(key, body_of(one.origin.removeprefix("compengine/"), Step(one.seq, head, said), previous))
        text, previous = text + made.text, made.digest
    parts["ledger/checkpoints.txt"] = text.encode()
    parts["ledger/checkpoint.pub"] = f"{public_text(key.public)}\n".encode()
    said = {"events": manifest["events"], "register": manifest["register"], "posting": asdict(posting)}
    with_manifest(parts, lambda manifest: manifest.update(said))


def read_anew(parts: dict[str, bytes], folder: Path) -> None:
    """Every readable file as it follows from the objects and the manifest, and the digests of all."""
    objects = Store(folder / "unpacked")
    for name, content in parts.items():
        if name.startswith("objects/"):
            write_content(objects.place(name.removeprefix("objects/")), content)
    manifest = json.loads(parts["manifest.json"])
    steps = Steps(tuple(manifest["events"]), tuple(manifest["register"]))
    told = Told(record_of(manifest["run"]), Posting(**manifest["posting"]), steps, manifest["versions"])
    kept = Kept(parts["ledger/checkpoints.txt"], parts["ledger/checkpoint.pub"])
    parts.update(parts_of(objects, told, kept))
    with_manifest(parts, lambda manifest: None)


def test_a_record_that_is_not_its_own_digest_is_refused(bundle: Path, tmp_path: Path) -> None:
    def changed(parts: dict[str, bytes]) -> None:
        with_manifest(parts, lambda manifest: manifest["run"].update(engine="9.9"))

    done = call(tmp_path, "replay", str(rewritten(bundle, tmp_path / "r.zip", changed)))
    assert (done.code, "E708" in done.err) == (2, True)


def test_a_forged_result_with_right_digests_is_found_by_computing(bundle: Path, tmp_path: Path) -> None:
    def forged(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        record = record_of(manifest["run"])
        store = Store(tmp_path / "objects")
        place = store.place(record.earnings)
        place.parent.mkdir(parents=True)
        place.write_bytes(parts[f"objects/{record.earnings}"])
        frame = get_table(store, EARNINGS, record.earnings)
        more = pl.when(pl.int_range(pl.len()) == 0).then(pl.col("amount") + Decimal(1000)).otherwise("amount")
        frame = frame.with_columns(more.cast(frame.schema["amount"]).alias("amount"))
        row = {**columns_of(record), "earnings": put_table(store, EARNINGS, frame)}
        row["entitlement"] = entitlement_root(frame)
        other = record_of(row)
        parts[f"objects/{other.earnings}"] = store.place(other.earnings).read_bytes()
        with_manifest(parts, lambda said: said.update(run=columns_of(other)))
        signed_anew(parts)
        del parts[f"objects/{record.earnings}"]
        read_anew(parts, tmp_path)

    file = rewritten(bundle, tmp_path / "forged.zip", forged)
    for words in ((), ("--independent",)):
        done = call(tmp_path, "replay", str(file), *words)
        assert (done.code, done.out.splitlines()[-1:]) == (1, ["DIFFERENT"]), done.err
        assert "earnings: account-executive commission ann" in done.out


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 broken"])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    done = call(tmp_path, "replay", "x.zip")
    assert (done.code, "E708" in done.err) == (2, True)
    assert "E708" in call(tmp_path, "replay", "missing.zip").err


def test_a_name_that_leads_out_of_the_folder_writes_nothing(bundle: Path, tmp_path: Path) -> None:
    def changed(parts: dict[str, bytes]) -> None:
        parts["objects/../../../evil"] = b"x"
        with_manifest(parts, lambda manifest: None)

    before = set(tmp_path.parent.iterdir())
    done = call(tmp_path, "replay", str(rewritten(bundle, tmp_path / "out.zip", changed)))
    assert (done.code, "evil is in it, and belongs to nothing" in done.err) == (2, True), done.err
    assert set(tmp_path.parent.iterdir()) == before and not (tmp_path.parent / "evil").exists()


def test_a_missing_input_is_named(closed: Path, root: Path, tmp_path: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    shown = call(root, "show", "2026-01", "--format", "json").json
    objects = Store(root / ".compengine" / "objects")
    objects.place(shown["snapshot"]).unlink()
    done = call(root, "bundle", "2026-01", "-o", str(tmp_path / "x.zip"))
    assert (done.code, shown["snapshot"] in done.err) == (3, True)
    assert not (tmp_path / "x.zip").exists()


def test_the_workspace_may_have_changed_since(root: Path, tmp_path: Path) -> None:
    call(root, "calculate", "--period", "2026-01", who="olive")
    edit(root / "plans" / "account-executive" / "plan.yaml", "5%", "50%")
    assert call(root, "bundle", "2026-01", "-o", str(tmp_path / "x.zip")).code == 0
    assert call(tmp_path, "replay", "x.zip").out.splitlines()[-1] == "MATCH"
