"""Whatever stands in a log, a projection of it is taken, or the log is refused with a reason."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.errors import ReportError
from tests.sarif import every_index
from tests.sarif.projections.logs import Json, complaints, project
from tests.sarif.test_integrity import JSON, changed, walk

FULL = every_index.log(every_index.run(), every_index.run([every_index.plain(at) for at in range(3)], name="other"))
ODD: st.SearchStrategy[Any] = JSON | st.sampled_from(
    ["../x", "file:///a b", "https://", "%", "a:b:c", "\x1b", -1, 1e308]
)


@pytest.mark.parametrize("name", ["github", "gitlab"])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_odd_value_anywhere_gives_no_bad_file(name: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path, _ in walk(FULL) if path]))
    log: Json = changed(FULL, path, data.draw(ODD))
    with suppress(ReportError):
        assert complaints(project(name, json.dumps(log).encode()), name) == []


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_log_that_uses_every_index_is_taken(name: str) -> None:
    projected = project(name, FULL)
    assert complaints(projected, name) == []
    assert b"a/2.py" in b"".join(projected.files[0])
