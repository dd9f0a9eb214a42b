"""Results that have nothing unusual, read by type."""

from __future__ import annotations

import msgspec
import pytest

from devsecops.sarif import merge, plain

PLACE = b'{"physicalLocation":{"artifactLocation":{"uri":"a.py"},"region":{"startLine":%s}}}'
RESULT = (
    b'{"ruleId":"r","ruleIndex":0,"level":"error","message":{"text":"%s"},"locations":['
    + PLACE
    + b'],"codeFlows":[{"threadFlows":[{"locations":[{"location":'
    + PLACE
    + b'}]}]}],"properties":%s}'
)


def result(text: bytes = b"t", region: bytes = b"3", step: bytes = b"4", bag: bytes = b"{}") -> bytes:
    """A result as JSON."""
    return RESULT % (text, region, step, bag)


def test_a_plain_result_is_written_as_short_as_json_can_be() -> None:
    read = plain.read(result(bag=b'{ "a" : "\\u0041" , "b": [1.50] }'))
    assert read
    assert msgspec.json.encode(read[0]) == result(bag=b'{"a":"A","b":[1.5]}')


@pytest.mark.parametrize(
    "unusual",
    [
        result(text=b"\xff"),
        result(bag=b'{"a":"\xff"}'),
        result(bag=b'{"a":NaN}'),
        result(bag=b'{"a":' * 100_000),
        result(bag=b'{"devsecops":{}}'),
        result(bag=b"null"),
        result(region=b'3,"endLine":2'),
        result(region=b'3,"startColumn":5,"endColumn":4'),
        result(region=b'3,"startColumn":5,"endLine":3,"endColumn":4'),
        result(step=b'3,"endLine":2'),
        result(step=b"0"),
    ],
)
def test_anything_unusual_goes_the_long_way(unusual: bytes) -> None:
    assert plain.read(unusual) is None


def test_a_message_that_is_not_utf_8_is_repaired() -> None:
    log = b'{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"t","rules":[{"id":"r"}]}},"results":[%s]}]}'
    merged = merge([log % result(text=b"before \xff after")])
    assert "before \ufffd after".encode() in b"".join(merged)
    ((_, repair),) = merged.repairs
    assert repair.startswith("bytes that are not UTF-8")
