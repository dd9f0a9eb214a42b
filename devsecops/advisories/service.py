"""The OSV service as a source of advisories."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from devsecops.advisories import records
from devsecops.advisories.records import Record
from devsecops.errors import AdvisoryError
from devsecops.http import Client
from devsecops.model import DataSource

_CANARY = ("jinja2", "2.4.1")  # the example of OSV's own documentation: it has advisories, and will have them


class _Answer(msgspec.Struct):
    vulns: list[msgspec.Raw] = []
    next_page_token: str = ""


class Service:
    """Asks the OSV API (https://google.github.io/osv.dev/api/)."""

    def __init__(self, url: str, ecosystem: str) -> None:
        """Ask for a vulnerability that is known to be there.

        Raises:
            AdvisoryError: the service does not answer, or knows nothing: its silence would look like safety.
        """
        self._client = Client(url)
        self.ecosystem = ecosystem
        today = datetime.now(UTC).strftime("%Y-%m-%dT00:00:00Z")
        self.data = DataSource(name=f"OSV {ecosystem} ({url.partition('://')[2]})", date=today)
        if not self.affecting(*_CANARY):
            raise AdvisoryError(f"{url} answers, but knows no advisory for {_CANARY[0]} {_CANARY[1]}, which has some")

    def affecting(self, name: str, version: str) -> list[bytes]:
        """The records, as they were published, that affect a version of a package."""
        query = {"package": {"name": name, "ecosystem": self.ecosystem}, "version": version}
        found: list[bytes] = []
        token = ""
        while True:
            body = self._client.post("/v1/query", query | ({"page_token": token} if token else {}))
            answer = self._decoded(body or b"{}")
            found += [bytes(raw) for raw in answer.vulns]
            if not answer.next_page_token or answer.next_page_token == token:
                return found
            token = answer.next_page_token

    def alike(self, names: Iterable[str]) -> list[Record]:
        """All records that share an identifier with the given ones, directly or through others."""
        seen: dict[str, Record] = {}
        wanted, asked = set(names), set[str]()
        while wanted - asked:
            name = min(wanted - asked)
            asked.add(name)
            body = self._client.get(f"/v1/vulns/{quote(name, safe='')}")
            if body is None:
                continue
            try:
                record = records.parse(body)
            except ValueError as error:
                raise AdvisoryError(f"{self._client.base}: {name} is not an OSV record: {error}") from None
            seen[record.id] = record
            wanted |= set(record.aliases)
        return [seen[identifier] for identifier in sorted(seen)]

    def close(self) -> None:
        """Nothing is held."""

    def _decoded(self, body: bytes) -> _Answer:
        try:
            return msgspec.json.decode(body, type=_Answer)
        except msgspec.DecodeError as error:
            raise AdvisoryError(f"{self._client.base} answered with something else than OSV records: {error}") from None
