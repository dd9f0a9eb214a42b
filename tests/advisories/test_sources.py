"""Advisories come from one source, and a source that says nothing is never taken for safety."""

from __future__ import annotations

import http.server
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from devsecops.advisories import Session, store
from devsecops.advisories.server import Server
from devsecops.advisories.service import Service
from devsecops.advisories.source import home, open_source
from devsecops.cli.advisories import command
from devsecops.config import AdvisoriesConfig
from devsecops.errors import AdvisoryError, UsageError
from devsecops.model import PackageLocation, Severity
from tests.factory import vulnerable

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"


def record(identifier: str, name: str = "flask", **fields: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
    }
    return {"id": identifier, "modified": "2026-02-03T00:00:00Z", "affected": [affected]} | fields


PAIR = [
    record("PYSEC-1", aliases=["CVE-1"], details="Long text."),
    record("GHSA-1", aliases=["CVE-1"], summary="Short", severity=[{"type": "CVSS_V3", "score": HIGH}]),
    record("PYSEC-2", "jinja2"),
]


def archive(path: Path, found: list[dict[str, Any]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for one in found:
            file.writestr(f"{one['id']}.json", json.dumps(one))
    return path


def folder(path: Path, found: list[dict[str, Any]]) -> Path:
    (path / "PyPI").mkdir(parents=True)
    for one in found:
        (path / "PyPI" / f"{one['id']}.json").write_text(json.dumps(one))
    return path


def test_an_imported_archive_answers_without_network(tmp_path: Path) -> None:
    summary = store.import_archive(archive(tmp_path / "all.zip", PAIR), "PyPI", home())
    assert (summary.records, summary.date) == (3, "2026-02-03T00:00:00Z")
    source = open_source("PyPI", folder=None, service="http://127.0.0.1:9", offline=True)
    assert {json.loads(body)["id"] for body in source.affecting("flask", "1.0")} == {"PYSEC-1", "GHSA-1"}
    assert source.affecting("flask", "2.0") == []
    assert [one.id for one in source.alike(["cve-1"])] == ["GHSA-1", "PYSEC-1"]
    assert source.data.date == "2026-02-03T00:00:00Z"
    source.close()


def test_a_record_dated_in_the_future_does_not_make_old_data_look_new(tmp_path: Path) -> None:
    late = record("PYSEC-9", modified="2999-01-01T00:00:00Z")
    assert store.import_archive(archive(tmp_path / "all.zip", [*PAIR, late]), "PyPI", home()).date[:4] == "2026"


def test_a_folder_of_records_is_a_source_too(tmp_path: Path) -> None:
    with store.from_folder(folder(tmp_path / "osv", PAIR), "PyPI") as source:
        assert len(source.affecting("flask", "1.0")) == 2


def _truncated(path: Path) -> Path:
    whole = archive(path, PAIR).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _flipped(path: Path) -> Path:
    data = bytearray(archive(path, PAIR).read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    return path


def _with_garbage(path: Path) -> Path:
    with zipfile.ZipFile(archive(path, PAIR), "a") as file:
        file.writestr("PYSEC-9.json", "{")
    return path


def _not_zip(path: Path) -> Path:
    path.write_bytes(b"<html>")
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path, "no such archive"),
        (_not_zip, "is damaged"),
        (_truncated, "is damaged"),
        (_flipped, "is damaged"),
        (_with_garbage, "PYSEC-9.json is not an OSV record"),
        (lambda path: archive(path, []), "no OSV record of PyPI"),
        (lambda path: archive(path, [record("GO-1") | {"affected": []}]), "no OSV record of PyPI"),
    ],
)
def test_a_bad_archive_is_refused_and_the_earlier_one_kept(
    tmp_path: Path, make: Callable[[Path], Path], says: str
) -> None:
    store.import_archive(archive(tmp_path / "good.zip", PAIR), "PyPI", home())
    with pytest.raises(AdvisoryError, match=says):
        store.import_archive(make(tmp_path / "bad.zip"), "PyPI", home())
    with store.imported(home(), "PyPI") as source:  # type: ignore[union-attr]
        assert len(source.affecting("flask", "1.0")) == 2


def test_a_database_that_was_changed_is_refused(tmp_path: Path) -> None:
    store.import_archive(archive(tmp_path / "all.zip", PAIR), "PyPI", home())
    database = home() / "PyPI.sqlite"
    database.write_bytes(database.read_bytes()[:-4096])
    with pytest.raises(AdvisoryError, match="checksum"):
        store.imported(home(), "PyPI")


def test_a_damaged_summary_is_refused(tmp_path: Path) -> None:
    store.import_archive(archive(tmp_path / "all.zip", PAIR), "PyPI", home())
    (home() / "PyPI.json").write_text("{")
    with pytest.raises(AdvisoryError, match="is damaged"):
        store.imported(home(), "PyPI")


def test_without_archive_and_network_there_is_no_source() -> None:
    with pytest.raises(AdvisoryError, match="forbids") as raised:
        open_source("PyPI", folder=None, service="http://127.0.0.1:9", offline=True)
    assert "advisories import" in raised.value.hint


@contextmanager
def osv(answer: Callable[[str, dict[str, Any]], tuple[int, bytes]]) -> Iterator[str]:
    """A fake OSV service."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(json.loads(body))

        def do_GET(self) -> None:
            self._answer({})

        def _answer(self, query: dict[str, Any]) -> None:
            code, body = answer(self.path, query)
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def knows(path: str, query: dict[str, Any]) -> tuple[int, bytes]:
    """A service that knows the records of `PAIR`."""
    if path.startswith("/v1/vulns/"):
        found = [one for one in PAIR if one["id"] == path.rpartition("/")[2]]
        return (200, json.dumps(found[0]).encode()) if found else (404, b"{}")
    name = query["package"]["name"]
    return 200, json.dumps({"vulns": [one for one in PAIR if one["affected"][0]["package"]["name"] == name]}).encode()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devsecops.http.time.sleep", lambda _: None)


def test_the_service_is_asked_where_nothing_was_imported() -> None:
    with osv(knows) as url:
        source = open_source("PyPI", folder=None, service=url, offline=False)
        assert len(source.affecting("flask", "1.0")) == 2
        assert [one.id for one in source.alike(["PYSEC-1"])] == ["PYSEC-1"]
        assert source.data.date


def test_pages_of_an_answer_are_all_read() -> None:
    def paged(_: str, query: dict[str, Any]) -> tuple[int, bytes]:
        more = {} if query.get("page_token") else {"next_page_token": "2"}
        return 200, json.dumps({"vulns": [PAIR[2]], **more}).encode()

    with osv(paged) as url:
        assert len(Service(url, "PyPI").affecting("jinja2", "1.0")) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *_: (500, b""), "answered 500"),
        (lambda *_: (503, b""), "answered 503"),
        (lambda *_: (403, b""), "answered 403"),
        (lambda *_: (200, b"<html>"), "something else than OSV records"),
        (lambda *_: (200, b"{}"), "knows no advisory"),
        (lambda *_: (404, b"{}"), "knows no advisory"),
    ],
)
def test_a_service_that_does_not_answer_or_knows_nothing_is_refused(
    answer: Callable[..., tuple[int, bytes]], says: str
) -> None:
    with osv(answer) as url, pytest.raises(AdvisoryError, match=says):
        Service(url, "PyPI")


def test_a_service_that_is_down_is_refused() -> None:
    with pytest.raises(AdvisoryError, match="did not answer"):
        Service("http://127.0.0.1:9", "PyPI")


def test_a_passing_failure_is_asked_again() -> None:
    answers = iter([(503, b""), (429, b"")])

    def flaky(path: str, query: dict[str, Any]) -> tuple[int, bytes]:
        return next(answers, None) or knows(path, query)

    with osv(flaky) as url:
        assert Service(url, "PyPI").affecting("flask", "1.0")


def test_the_loopback_server_answers_as_osv_does(tmp_path: Path) -> None:
    query = {"package": {"name": "Flask", "ecosystem": "PyPI"}, "version": "1.0"}
    with store.from_folder(folder(tmp_path / "osv", PAIR), "PyPI") as source, Server(source) as server:
        answer = requests.post(f"{server.url}/v1/query", json=query, timeout=5)
        assert [one["id"] for one in answer.json()["vulns"]] == ["GHSA-1", "PYSEC-1"]
        assert requests.post(f"{server.url}/v1/query", data=b"{", timeout=5).status_code == 400


def test_the_loopback_server_says_500_where_the_source_fails_and_keeps_the_reason() -> None:
    class Broken:
        def affecting(self, *_: str) -> list[bytes]:
            raise AdvisoryError("the line is dead")

    query = {"package": {"name": "flask"}, "version": "1.0"}
    with Server(Broken()) as server:  # type: ignore[arg-type]
        assert requests.post(f"{server.url}/v1/query", json=query, timeout=5).status_code == 500
        assert server.problems == ["the line is dead"]


def session(tmp_path: Path, found: list[dict[str, Any]]) -> Session:
    folder(tmp_path / "osv", found)
    return Session(AdvisoriesConfig(folder="osv"), tmp_path, offline=True, wanted=True)


def test_results_get_what_all_records_of_their_alias_set_say(tmp_path: Path) -> None:
    with session(tmp_path, PAIR) as advice:
        (found,) = advice.enriched([vulnerable("flask", "PYSEC-1", "CVE-1", severity=Severity.UNKNOWN)])
    assert (found.severity, found.score, found.vector) == (Severity.HIGH, 7.5, HIGH)
    assert found.aliases == ("CVE-1", "GHSA-1")
    assert found.fixed == ("2.0",)
    assert (found.rule.name, found.rule.help) == ("Short", "Long text.")


def test_a_withdrawn_record_says_nothing_but_is_named(tmp_path: Path) -> None:
    withdrawn = record(
        "GHSA-1", aliases=["CVE-1"], withdrawn="2026-01-01T00:00:00Z", severity=[{"type": "CVSS_V3", "score": HIGH}]
    )
    with session(tmp_path, [PAIR[0], withdrawn]) as advice:
        (found,) = advice.enriched([vulnerable("flask", "PYSEC-1", "CVE-1", severity=Severity.UNKNOWN)])
    assert found.severity is Severity.UNKNOWN
    assert "GHSA-1 about it is withdrawn" in found.message


def test_what_is_not_a_package_stays_as_it_is(tmp_path: Path) -> None:
    one = vulnerable("flask", "PYSEC-1")
    with session(tmp_path, PAIR) as advice:
        assert isinstance(one.location, PackageLocation)
        assert advice.enriched([]) == []


def test_a_source_that_cannot_be_opened_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    with Session(AdvisoriesConfig(folder="absent"), tmp_path, offline=True, wanted=True) as advice:
        assert advice.url == ""
        assert "no such archive" in advice.problems[0]


def test_nothing_is_opened_where_nobody_asks(tmp_path: Path) -> None:
    with Session(AdvisoriesConfig(folder="absent"), tmp_path, offline=True, wanted=False) as advice:
        assert advice.problems == ()


def test_import_refuses_an_archive_with_another_checksum(tmp_path: Path) -> None:
    path = archive(tmp_path / "all.zip", PAIR)
    ran = CliRunner().invoke(command, ["import", "PyPI", str(path), "--sha256", "0" * 64])
    assert isinstance(ran.exception, UsageError)
    assert not (home() / "PyPI.json").exists()
