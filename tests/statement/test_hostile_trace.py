"""What the operating system sees while a page full of hostile texts is printed: our own files, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BEGIN = "/dev/null/begin"
PRINTING = """
import sys
from itertools import cycle
from pathlib import Path
from hostile_texts import TEXTS, everywhere, filled, places, spread
from statement_samples import ALL
from compengine.inputs.schema import Brand
from compengine.statement import pdf
from compengine.statement.build import build
from compengine.statement.html import render_html
from compengine.statement.rows import rows_csv
from compengine.statement.templates import branded, load_template
from compengine.statement.workbook import workbook
from contextlib import suppress
from dataclasses import replace

with suppress(OSError):
    open("BEGIN", "rb")
texts = cycle(TEXTS)
view = spread(filled(build(ALL["forty"]())), texts)
assert {text for _, text in places(view)} == set(TEXTS)
template = load_template()
template = replace(template, brand=spread(Brand("x", "", "#2b5c8a", "x", "x"), texts))
PLANTED
folder = Path(sys.argv[1])
(folder / "s.pdf").write_bytes(pdf.statement_pdf(view, template))
(folder / "s.html").write_text(render_html(view, template, style=True), "utf-8")
small = filled(build(ALL["crossing"]()))
for text in TEXTS[::10]:  # one text in all places: their rows name their plan
    (folder / "s.xlsx").write_bytes(workbook(everywhere(small, text)))
    (folder / "s.csv").write_bytes(rows_csv(everywhere(small, text)))
"""


def allowed(output: Path) -> tuple[str, ...]:
    """Folders: of the program, its libraries, Python, fonts and what finds them, and where the files are written."""
    mine = [ROOT / "src", ROOT / "statements", HERE, Path(sys.prefix), Path(sys.base_prefix), output]
    home = Path.home()
    fonts = [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/usr/share/fontconfig",
        "/etc/fonts",
        "/var/cache/fontconfig",
    ]
    own = [
        home / ".fonts",
        home / ".fontconfig",
        home / ".cache/fontconfig",
        home / ".config/fontconfig",
        home / ".local/share/fonts",
    ]
    system = ["/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/xml/fontconfig"]
    files = ["/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/proc/self", "/proc/cpuinfo"]
    files += ["/sys/devices/system/cpu", "/sys/fs/cgroup"]  # libraries ask how many threads they may have
    everything = [*fonts, *system, *files, *map(str, (*mine, *own)), *(str(each.resolve()) for each in mine)]
    return tuple(dict.fromkeys(everything))


CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)$")
FILE = re.compile(r'^(?:AT_FDCWD(?:<[^>]*>)?, |\d+(?:<[^>]*>)?, )?"((?:[^"\\]|\\.)*)"')


def strangers(trace: str, folders: tuple[str, ...]) -> list[str]:
    """Files outside of those folders that were opened, or tried, and every connection and program begun."""
    found = []
    for line in trace.partition(BEGIN)[2].splitlines()[1:]:
        call = CALL.match(line)
        if call is None or call[1] not in ("open", "openat", "openat2"):
            found += [line] if call is not None else []
            continue
        path = FILE.match(call[2])
        assert path is not None, line
        real = os.path.normpath(path[1])
        if not any(real == each or real.startswith(f"{each}/") for each in folders):
            found.append(line)
    return found


def traced(folder: Path, planted: str = "") -> list[str]:
    if shutil.which("strace") is None:
        pytest.skip("strace is not here")
    script, trace = folder / "printing.py", folder / "trace.txt"
    script.write_text(PRINTING.replace("PLANTED", planted).replace("BEGIN", BEGIN), "utf-8")
    watch = "trace=open,openat,openat2,execve,execveat,socket,connect,sendto,sendmsg,bind"
    command = ["strace", "-f", "-qq", "-e", watch, "-e", "signal=none", "-s", "400", "-o", trace]
    path = os.pathsep.join(map(str, (HERE, ROOT / "src")))
    own = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder)}  # fonts are laid out there
    done = subprocess.run(
        [*command, sys.executable, script, folder], env={**os.environ, **own}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    text = trace.read_text("utf-8", "replace")
    assert BEGIN in text and str(folder / "s.csv") in text.partition(BEGIN)[2]
    return strangers(text, allowed(folder))


def test_five_hundred_texts_on_a_page_open_no_other_file_and_no_connection(tmp_path: Path) -> None:
    assert traced(tmp_path) == []


PLANT = """
from weasyprint.urls import URLFetcher
pdf.OnlyFonts.fetch = URLFetcher.fetch
template = replace(template, html=template.html.replace("<h1", '<img src="THERE"><h1', 1))
"""


def test_a_template_that_loads_what_is_not_ours_is_seen(tmp_path: Path) -> None:
    """Planted: a page that asks for a file and an address, and a printer that would give them out."""
    [file, *more] = traced(tmp_path, PLANT.replace("THERE", "file:///etc/hostname"))
    assert '"/etc/hostname"' in file and not more
    found = traced(tmp_path, PLANT.replace("THERE", "http://127.0.0.1:9/x.png"))
    assert any("AF_INET" in line and line.split("(")[0].endswith("connect") for line in found)
    found = traced(tmp_path, "import subprocess; subprocess.run(['true'], check=True)")
    assert any("execve(" in line for line in found)
