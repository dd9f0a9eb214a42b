"""No file takes long to read or to refuse, whoever wrote it."""

from __future__ import annotations

import contextlib
import time

import pytest

from devsecops.errors import ReportError
from devsecops.lockfiles import read


def read_or_refuse(name: str, data: bytes) -> None:
    with contextlib.suppress(ReportError):
        read(name, lambda _: data)


ENDLESS = {
    "white space": b"flask" + b" " * 500_000 + b"x",
    "words": b"a" * 1_000_000,
    "continuations": b"\\\n" * 200_000,
    "a word in many lines": b"a\\\n" * 200_000,
    "a quote": b'-r "' + b"a" * 1_000_000,
    "URLs": b"://a:b/" * 100_000,
    "hashes": b"a==1 " + b"--hash   " * 100_000,
    "options": b"--a " * 100_000,
    "hyphens": b"https://example.org/" + b"a-" * 9_000 + b".tar.gz",
    "brackets": b"./" + b"[" * 19_000,
    "a marker": b"a; " + b"(" * 19_000,
    "separators": b"https://example.org/" + b"; " * 9_000,
}


@pytest.mark.parametrize("data", ENDLESS.values(), ids=ENDLESS)
def test_no_requirements_take_long(data: bytes) -> None:
    start = time.process_time()
    read_or_refuse("requirements.txt", data)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "data",
    [
        b"x = " + b"[" * 100_000,
        b"x." * 100_000 + b"y = 1",
        b"[" + b"'x'." * 100_000 + b"y]",
        b"[[package]]\n" * 20_000,
        b"[[package]]\nname = [\n" + b'    {a = "b"},\n' * 50_000,
        b'[[package]]\nname = "' + b"a" * 500_000,
        b"[[package]]\nname = [{" + b'"a"' * 200_000,
    ],
    ids=["nesting", "a key", "a header", "headers", "a list", "a string", "strings"],
)
def test_no_lock_takes_long(data: bytes) -> None:
    start = time.process_time()
    read_or_refuse("uv.lock", data)
    assert time.process_time() - start < 5


def test_a_large_lock_is_read_at_once() -> None:
    wheel = f'{{ url = "https://files.pythonhosted.org/packages/x.whl", hash = "sha256:{"0" * 64}", size = 1 }}'
    rest = [
        'source = { registry = "https://pypi.org/simple" }',
        "dependencies = [",
        '    { name = "x" },',
        "]",
        f"sdist = {wheel}",
        "wheels = [",
        *[f"    {wheel},"] * 8,
        "]",
        "",
    ]
    lines = ["version = 1"]
    for number in range(5_000):
        lines += ["[[package]]", f'name = "package-{number}"', f'version = "1.{number}"', *rest]
    data = "\n".join(lines).encode()
    start = time.process_time()
    lock = read("uv.lock", lambda _: data)
    assert time.process_time() - start < 5, (
        "it takes 0.2 s; a line searched for from the start each time would take minutes"
    )
    assert [len(lock.packages), lock.packages[-1].line] == [5_000, len(lines) - 17]
