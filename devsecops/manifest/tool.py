"""A Scanner made of a manifest."""

from __future__ import annotations

import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from devsecops import coverage, files
from devsecops.config import seconds
from devsecops.coverage import Conclusion
from devsecops.errors import ReportError
from devsecops.manifest.spec import JobSpec, Manifest
from devsecops.model import Execution, Kind, Lock, Package, Result, Rule
from devsecops.readers import READERS, reader
from devsecops.readers.report import Found, Grades, Reader, without_parse_failures
from devsecops.scanner import Finished, Job, Meaning, Needs, Reading, Scope, SourceFile

REPORT_LIMIT = 256 << 20  # bytes of one report
_ARGUMENT_SPACE = os.sysconf("SC_ARG_MAX") * 3 // 4  # bytes; the environment needs the rest
_POINTER = 9  # bytes an argument takes besides its text: the pointer to it and the NUL behind it
_RESOLVING = 20.0  # seconds for one file
_LOOK_UP = 0.01  # seconds for one package, asked on loopback


class ManifestScanner:
    """A Scanner (devsecops/scanner.py) made of a manifest."""

    def __init__(self, manifest: Manifest, folder: Path) -> None:
        self.manifest = manifest
        self.folder = folder
        self._merged: dict[tuple[str, ...], str] = {}
        severity = manifest.severity
        self._grades = Grades(
            severities=severity.words,
            confidences=severity.confidence,
            rules=severity.rules,
            default=severity.default,
        )

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def kind(self) -> Kind:
        """What it looks at."""
        return self.manifest.kind

    @property
    def needs(self) -> Needs:
        """What it starts, and when."""
        manifest = self.manifest
        return Needs(
            program=sys.executable if manifest.job[0].argv[0] == "{python}" else manifest.job[0].argv[0],
            files=manifest.detect.files,
            unless=manifest.detect.unless,
            packages=any(job.scope == "packages" for job in manifest.job),
            images=any(job.scope == "image" for job in manifest.job),
            whole=any(job.scope == "repository" for job in manifest.job),
            database=manifest.database,
            version_argv=manifest.version.argv[1:],
            version_pattern=manifest.version.pattern,
            supported=manifest.version.supported,
            known_bad=manifest.version.known_bad,
            distribution=manifest.version.distribution,
            homepage=manifest.homepage,
            install=manifest.install,
        )

    def merged_rules(self, folders: tuple[str, ...]) -> str:
        """The rules of all YAML files in folders beside the manifest, as one JSON document."""
        if folders not in self._merged:
            import yaml  # noqa: PLC0415  # only where a scanner with rules of ours runs

            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            paths = [path for folder in folders for path in sorted((self.folder / folder).rglob("*.yaml"))]
            loaded = (yaml.load(path.read_bytes(), Loader=loader) for path in paths)  # noqa: S506  # a safe loader
            rules = [rule for document in loaded for rule in document["rules"]]
            self._merged[folders] = msgspec.json.encode({"rules": rules}).decode()
        return self._merged[folders]

    def jobs(self, scope: Scope) -> list[Job]:
        """The jobs that examine the scope."""
        jobs = [job for spec in self.manifest.job for job in _Batch(self, spec, scope).jobs()]
        if len(jobs) < 2:
            return jobs
        return [
            msgspec.structs.replace(job, name=f"{self.name} {number}/{len(jobs)}")
            for number, job in enumerate(jobs, start=1)
        ]

    def read(self, finished: Finished, scope: Scope) -> Reading:
        """What a finished job means."""
        results: tuple[Result, ...] = ()
        conclusion = coverage.process_failure(finished, self.manifest.stderr)
        if conclusion is None:
            conclusion, results = self._read_report(finished)
        return Reading(
            execution=Execution(
                tool=scope.tool,
                kind=self.kind,
                status=conclusion.status,
                target=finished.job.target,
                exit_code=finished.exit_code,
                coverage=conclusion.coverage,
                messages=conclusion.messages,
            ),
            results=results,
        )

    def _read_report(self, finished: Finished) -> tuple[Conclusion, tuple[Result, ...]]:
        exit_code = finished.exit_code or 0
        if finished.job.exits[exit_code] is Meaning.NOT_APPLICABLE:
            return coverage.conclude(finished, Found(), self.manifest.stderr), ()
        try:
            data = files.read(finished.report, REPORT_LIMIT)
            found = self._reader(finished.job.report)(data, finished, self._grades)
            found = without_parse_failures(found, self.manifest.not_parsed)
            results = found.results
            if finished.job.image:
                from devsecops.images import judgement  # noqa: PLC0415  # only where there are images

                results = (*results, *judgement.results(finished.job.image, found, self.name))
                finished, found = judgement.judged(finished, finished.job.image, found)
        except ReportError as error:
            return coverage.failed(finished, f"ended with exit code {exit_code}, but {error.message}"), ()
        return coverage.conclude(finished, found, self.manifest.stderr), self._corrected(results)

    def _reader(self, name: str) -> Reader:
        if name in READERS:
            return reader(name)
        from devsecops.readers import plain  # noqa: PLC0415  # brings JMESPath

        assert self.manifest.results is not None  # noqa: S101  # load has seen to it
        return plain.reader(self.manifest.results)

    def _corrected(self, results: tuple[Result, ...]) -> tuple[Result, ...]:
        """The results, with the CWE numbers that the manifest knows better."""
        if not self.manifest.cwe:
            return results
        rules: dict[str, Rule] = {}

        def corrected(result: Result) -> Result:
            rule = result.rule
            better = self.manifest.cwe.get(rule.id) or self.manifest.cwe.get("*")
            if better is None:
                return result
            if rule.id not in rules:
                rules[rule.id] = msgspec.structs.replace(rule, cwe=better)
            return msgspec.structs.replace(result, rule=rules[rule.id])

        return tuple(map(corrected, results))


class _Batch:
    """The jobs of one `[[job]]` for one scope."""

    def __init__(self, scanner: ManifestScanner, spec: JobSpec, scope: Scope) -> None:
        self._scanner = scanner
        self._specs = scanner.manifest.job
        self._spec = spec
        self._scope = scope

    def jobs(self) -> Iterator[Job]:
        if self._spec.option and not self._scope.options.get(self._spec.option):
            return iter(())
        if self._spec.scope == "image":
            job = self._job(cost=self._scanner.manifest.cost.start)
            job = msgspec.structs.replace(job, releases=self._scope.releases)
            return (msgspec.structs.replace(job, source=source) for source in self._scope.images)
        if self._spec.scope == "unpinned":
            return (self._on_unpinned(lock) for lock in self._scope.locks if _is_resolved(lock))
        if self._spec.scope == "packages":
            resolving = any(spec.scope == "unpinned" and self._scope.options.get(spec.option) for spec in self._specs)
            locks = (lock for lock in self._scope.locks if not (resolving and _is_resolved(lock)))
            return map(self._on_packages, _groups(package for lock in locks for package in lock.packages))
        if self._spec.scope == "repository":
            return iter([self._on_files(self._scope.files)] if self._scope.files else [])
        return self._on_shares()

    def _on_shares(self) -> Iterator[Job]:
        odd = [file for file in self._scope.files if self._needs_copy(file)]
        usual = [file for file in self._scope.files if not self._needs_copy(file)] if odd else list(self._scope.files)
        limit = self._spec.alone_above or math.inf
        large = [file for file in usual if file.size > limit]
        usual = [file for file in usual if file.size <= limit] if large else usual
        for share in [*_shares(usual, self._scope.parts if self._spec.split else 1), *([file] for file in large)]:
            yield from map(self._on_files, _chunks(share))
        if odd:
            yield self._on_copies(odd)

    def _on_unpinned(self, lock: Lock) -> Job:
        lines = {one.name: one.line for one in lock.packages} | {one.name: one.line for one in lock.unpinned}
        job = msgspec.structs.replace(self._job(cost=_RESOLVING), files=(lock.path,), lines=lines)
        return msgspec.structs.replace(job, arguments=(f"./{lock.path}",))

    def _on_packages(self, packages: Sequence[Package]) -> Job:
        job = self._job(cost=self._scanner.manifest.cost.start + _LOOK_UP * len(packages))
        lines = sorted({f"{package.name}=={package.version}\n" for package in packages})
        return msgspec.structs.replace(job, packages=tuple(packages), inputs={"packages.txt": "".join(lines)})

    def _on_files(self, sources: Sequence[SourceFile]) -> Job:
        return msgspec.structs.replace(
            self._job(cost=self._cost(sources)),
            inputs=self._rules(sources),
            files=tuple(file.path for file in sources if not file.optional),
            size=sum(file.size for file in sources),
            arguments=tuple(f"./{file.os_path}" for file in sources),
            renamed={file.os_path: file.path for file in sources if file.os_path != file.path},
            isolated=tuple(file.os_path for file in sources) if self._scope.alone else (),
        )

    def _on_copies(self, sources: Sequence[SourceFile]) -> Job:
        names = [f"{number:06}{PurePosixPath(file.path).suffix}" for number, file in enumerate(sources)]
        return msgspec.structs.replace(
            self._job(cost=self._cost(sources)),
            inputs=self._rules(sources),
            files=tuple(file.path for file in sources),
            arguments=tuple(f"./{name}" for name in names),
            copies={name: file.os_path for name, file in zip(names, sources, strict=True)},
            renamed={name: file.path for name, file in zip(names, sources, strict=True)},
        )

    def _job(self, *, cost: float) -> Job:
        spec = self._spec
        return Job(
            scanner=self._scanner.name,
            name=self._scanner.name,
            services=self._scope.services,
            argv=(self._scope.program, *self._argv()),
            exits=spec.exit.meanings(),
            report=spec.report,
            env={name: value.replace("{database}", self._scope.database) for name, value in spec.set_env.items()},
            inherit=spec.env,
            timeout=self._scope.timeout or seconds(spec.timeout, self._scanner.name),
            network=spec.network,
            cost=cost,
        )

    def _rules(self, sources: Sequence[SourceFile]) -> dict[str, str]:
        if not self._spec.merged_rules:
            return {}
        endings = {PurePosixPath(file.path).suffix for file in sources}
        folders = tuple(name for name, known in self._spec.merged_rules.items() if not endings.isdisjoint(known))
        return {"rules.json": self._scanner.merged_rules(folders)}

    def _argv(self) -> Iterator[str]:
        for word in self._spec.argv[1:]:
            option = self._scanner.manifest.options.get(word.strip("{}"))
            if option is None:
                yield word.replace("{assets}", str(self._scanner.folder)).replace("{database}", self._scope.database)
                continue
            for value in self._scope.options.get(word.strip("{}"), ()):
                yield from (part.replace("{value}", value) for part in option.argv)

    def _needs_copy(self, file: SourceFile) -> bool:
        odd_name = file.path != file.os_path
        return file.bom or (odd_name and self._spec.copy_odd_names)

    def _cost(self, sources: Iterable[SourceFile]) -> float:
        cost = self._scanner.manifest.cost
        return cost.start + cost.per_mb * sum(file.size for file in sources) / 1e6


def _is_resolved(lock: Lock) -> bool:
    """Whether a resolver has something to add: a requirements file in which not everything is pinned."""
    return lock.path.endswith(".txt") and bool(lock.unpinned)


def _groups(packages: Iterable[Package]) -> list[list[Package]]:
    """Packages in groups in which each name has one version: pip-audit takes no two versions of one package."""
    versions: dict[str, dict[str, list[Package]]] = defaultdict(lambda: defaultdict(list))
    for package in packages:
        versions[package.name][package.version].append(package)
    groups: list[list[Package]] = []
    for name in sorted(versions):
        for position, version in enumerate(sorted(versions[name])):
            if position == len(groups):
                groups.append([])
            groups[position] += versions[name][version]
    return groups


def _shares(sources: Sequence[SourceFile], parts: int) -> list[list[SourceFile]]:
    """The files in shares of about equal size: largest first, each to the share that has least."""
    if parts < 2:
        return [list(sources)] if sources else []
    shares: list[list[SourceFile]] = [[] for _ in range(parts)]
    sizes = [0] * len(shares)
    for file in sorted(sources, key=lambda file: (-file.size, file.path)):
        least = sizes.index(min(sizes))
        shares[least].append(file)
        sizes[least] += file.size + 1
    return [sorted(share, key=lambda file: file.path) for share in shares if share]


def _chunks(sources: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    """The files in as few lists as fit into argument lists."""
    if sum(4 * len(file.os_path) + _POINTER + 2 for file in sources) < _ARGUMENT_SPACE:  # at most 4 bytes a character
        if sources:
            yield list(sources)
        return
    chunk: list[SourceFile] = []
    space = 0
    for file in sources:
        needed = len(os.fsencode(file.os_path)) + len("./") + _POINTER
        if chunk and space + needed > _ARGUMENT_SPACE:
            yield chunk
            chunk, space = [], 0
        chunk.append(file)
        space += needed
    if chunk:
        yield chunk
