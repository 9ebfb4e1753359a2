#!/usr/bin/env bash
# Makes .venv with the pinned packages and the project in it, and sees to the system libraries that PDFs need.
# Safe to run again: when nothing has changed it only looks, and is done in well under a second.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*"; }

# Installs Debian packages when we may; otherwise says in one line what is missing and returns 1.
apt_install() {
    local -a as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            say "not installed, no root here; please run: sudo apt-get install $*"
            return 1
        fi
        as_root=(sudo -n)
    fi
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here; please install the equivalents of: $*"
        return 1
    fi
    say "installing with apt-get: $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    say "Python 3.11 or newer is needed and none is on PATH" >&2
    return 1
}

make_venv() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        apt_install python3-venv || exit 1
    fi
    "$python" -m venv --clear .venv
}

# The stamp is a digest of everything that decides what .venv holds.
wanted() { cat pyproject.toml constraints.txt scripts/setup.sh | sha256sum | cut -d ' ' -f 1; }

system_libraries() {
    local missing
    missing=$(
        .venv/bin/python - <<'PYTHON'
import ctypes
import pathlib
import shutil
import subprocess

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
for library, package in LIBRARIES.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
for command, package in {"fc-match": "fontconfig", "pdftotext": "poppler-utils"}.items():
    if shutil.which(command) is None:
        print(package)
FONTS = {"ja": "fonts-noto-cjk", "ar": "fonts-noto-core", "und-zsye": "fonts-noto-color-emoji"}
for language, package in FONTS.items():  # names of people and customers come in every script
    found = shutil.which("fc-list") and subprocess.run(["fc-list", f":lang={language}"], capture_output=True).stdout
    if not found:
        print(package)
if shutil.which("initdb") is None and not list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")):
    print("postgresql")
PYTHON
    )
    [ -z "$missing" ] && return 0
    # shellcheck disable=SC2086  # one word per package is meant
    apt_install $missing || say "going on without them: PDF statements, or some tests, will not work"
}

stamp=.venv/.setup-stamp
if [ ! -x .venv/bin/python ] || [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(wanted)" ]; then
    if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        make_venv
    fi
    say "installing the pinned packages into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt hatchling editables
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[dev]'
    wanted >"$stamp"
    say "done"
fi
system_libraries
