"""The list of what a snapshot holds: the digest of each table. Its own digest is the snapshot's."""

import json
from collections.abc import Mapping

from compengine.values.digest import sha256_hex

FORMAT = 1


def manifest_bytes(digests: Mapping[str, str]) -> bytes:
    """JSON with sorted keys, no blanks and a line end; tables never loaded are not in it."""
    content = {"format": FORMAT, "tables": dict(digests)}
    return (json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n").encode()


def manifest_digest(digests: Mapping[str, str]) -> str:
    return sha256_hex(manifest_bytes(digests))


def read_manifest(content: bytes) -> dict[str, str] | None:
    """The digests by table; None where it is not a manifest of this format."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("tables"), dict):
        return None
    return {str(name): str(digest) for name, digest in found["tables"].items()}
