"""Requirements files read as pip itself reads them, by the copy of its parser that pip-audit uses."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from devsecops.lockfiles import read

parser = importlib.import_module("pip_requirements_parser")

FILES = {
    "pins": "flask==1.0\nDjango == 3.2\nzope.interface===5.0\n",
    "ranges": "flask>=1.0\ndjango~=3.2\njinja2==3.*\nclick\n",
    "pins among ranges": "flask>=1.0\ndjango==3.2\n",
    "extras and markers": "requests[socks,security]==2.31.0 ; python_version > '3' and sys_platform == 'win32'\n",
    "hashes": "flask==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\ndjango==3.2 --hash=sha256:22\n",
    "comments": "# flask==1.0\nflask==1.1 # why\ndjango==3.2#no comment\n   # jinja2==3.0\n",
    "continuations": "flask\\\n==1.0\n\\\ndjango==3.2 \\\n# comment\njinja2==3.0\\",
    "options": "-i https://pypi.org/simple\n--pre\nflask==1.0\n--no-binary :all:\n-f wheels\n",
    "line ends": "flask==1.0\r\ndjango==3.2\r\n\x0cjinja2==3.0\n",
    "a mark": "\ufeffflask==1.0\n",
    "URLs": "git+https://example.org/x@1#egg=x\nflask @ https://example.org/flask.zip\ndjango==3.2\n",
    "as pip freezes": "certifi==2024.2.2\n-e git+https://example.org/x@00#egg=x\nidna==3.6\n",
}
LINES = """\
flask==1.0
Django==3.2
zope.interface===5.0
requests[socks]==2.31.0
jinja2>=3
click
a==1,>0
a_b==1.*
six==1.16.0 ; python_version > '3'
idna==3.6 --hash=sha256:00
attrs==23.1 # why
attrs==23.1 \\
    --hash=sha256:00
pip==\\
23.0
# comment

  """


def by_pip(path: Path) -> list[tuple[str, str, int]]:
    """Names, exact versions and lines of what pip's parser finds.

    Its own word "pinned" is not asked: it includes `==3.*` and leaves out `==3.1,>3`.
    """
    return [
        (canonicalize_name(item.name), exact.version, item.requirement_line.line_number)
        for item in parser.RequirementsFile.from_file(str(path)).requirements
        for exact in item.specifier or ()
        if exact.operator in {"==", "==="} and not exact.version.endswith(".*")
    ]


def by_us(path: Path) -> list[tuple[str, str, int]]:
    lock = read(path.name, lambda _: path.read_bytes())
    return [(package.name, package.version, package.line) for package in lock.packages]


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_the_packages_are_those_of_pip(content: str, tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(content, encoding="utf-8", newline="")
    assert [item[:2] for item in by_us(path)] == [item[:2] for item in by_pip(path)]


@given(lines=st.lists(st.sampled_from(LINES.split("\n")), max_size=12))
@settings(deadline=None)
def test_the_packages_and_lines_are_those_of_pip(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "requirements.txt"
    path.write_text("\n".join(lines))
    assert by_us(path) == by_pip(path)
