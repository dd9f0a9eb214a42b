"""Jobs become finished jobs: several at a time, each in a private folder, with a deadline."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

from devsecops import files, process
from devsecops.scanner import End, Finished, Job, Observer

_FLOOD = 512 << 20  # bytes that a report or an output stream may have
_STDERR_KEPT = 256 << 10  # bytes
_INPUT = re.compile(r"\{input:([^{}]+)\}")
_ENDS = {"deadline": End.TIMED_OUT, "cancelled": End.CANCELLED, "flood": End.FLOODED}


class Runner:
    """Runs the jobs of one scan below one private folder."""

    def __init__(  # noqa: PLR0913  # each is a fact about the one run
        self,
        root: Path,
        folder: Path,
        guard: process.Guard,
        *,
        cores: int,
        osv: str = "",
        cancel: Event | None = None,
    ) -> None:
        """Prepare to run.

        Args:
            root: the scanned folder, which is the working folder of every job.
            folder: a private folder; each job gets one of its own in it.
            guard: ends what this process leaves behind.
            cores: jobs at the same time.
            osv: what the placeholder `{osv}` stands for.
            cancel: ends all jobs when it is set.
        """
        self._root = root
        self._folder = folder
        self._guard = guard
        self._cores = cores
        self._osv = osv
        self._cancel = cancel or Event()

    def run(self, jobs: Sequence[Job], observer: Observer) -> Iterator[Finished]:
        """Run the jobs in their order and give each as it ends. Whatever happens, no process is left behind."""
        waiting = deque(enumerate(jobs))
        threads: list[Thread] = []
        done: SimpleQueue[Finished | BaseException] = SimpleQueue()
        try:
            for ended in range(len(jobs)):
                while waiting and len(threads) - ended < self._cores:
                    number, job = waiting.popleft()
                    observer.started(job)
                    threads.append(Thread(target=self._into, args=(done, number, job)))
                    threads[-1].start()
                finished = done.get()
                if isinstance(finished, BaseException):
                    raise finished
                observer.finished(finished)
                yield finished
        finally:
            if waiting or any(thread.is_alive() for thread in threads):
                self._cancel.set()
            for thread in threads:
                thread.join()

    def _into(self, done: SimpleQueue[Finished | BaseException], number: int, job: Job) -> None:
        try:
            done.put(self._one(number, job))
        except BaseException as error:  # noqa: BLE001  # raised again where it can be seen
            done.put(error)

    def _one(self, number: int, job: Job) -> Finished:
        place = _Place(self._folder / str(number), self._root)
        if self._cancel.is_set():
            return Finished(job=job, end=End.CANCELLED, report=place.report, reason="was not started: interrupted")
        try:
            cwd = place.prepare(job)
        except OSError as error:
            reason = f"could not be prepared: {error.strerror}"
            return Finished(job=job, end=End.NOT_STARTED, report=place.report, reason=reason)
        ended = process.run(
            place.argv(job, self._osv),
            cwd=cwd,
            env=process.environment(place.home, inherit=job.inherit, network=job.network, outside=self._root)
            | dict(job.env),
            stdout=place.stdout,
            stderr=place.stderr,
            timeout=job.timeout,
            watched=[(path, _FLOOD) for path in (place.report, place.stdout, place.stderr)],
            cancelled=self._cancel.is_set,
            guard=self._guard,
        )
        return _finished(job, ended, place, cwd)


class _Place:
    """The private folder of one job."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._root = root
        self._inputs = folder / "inputs"
        self._copies = folder / "copies"
        self.folder = folder
        self.home = folder / "home"
        self.report = folder / "report"
        self.stdout = folder / "stdout"
        self.stderr = folder / "stderr"
        self.alias = folder / f"root-{os.urandom(8).hex()}"

    def prepare(self, job: Job) -> Path:
        """Make the folder, and return the working folder."""
        for folder in (self.home, self._inputs, self._copies):
            folder.mkdir(parents=True)
        if job.isolated:
            self.alias.mkdir()
            for name in job.isolated:
                files.copy(self._root / name, self.alias / name)
        else:
            self.alias.symlink_to(self._root, target_is_directory=True)
        for name, text in job.inputs.items():
            (self._inputs / name).write_text(text, "utf-8")
        for name, source in job.copies.items():
            files.copy_clean(self._root / source, self._copies / name)
        if job.image:
            return self.home  # not the repository, whose files may tell a scanner of images what to ignore
        return self._copies if job.copies else self._root

    def argv(self, job: Job, osv: str) -> list[str]:
        """The argument list with its placeholders filled in."""
        argv: list[str] = []
        for word in job.argv:
            argv += (
                job.arguments if word == "{files}" else [self._filled(word, osv, job.image.path if job.image else "")]
            )
        return argv

    def _filled(self, word: str, osv: str, image: str) -> str:
        if "{" not in word:
            return word
        word = word.replace("{report}", str(self.report)).replace("{alias}", str(self.alias)).replace("{osv}", osv)
        word = word.replace("{image}", image)
        return _INPUT.sub(lambda found: str(self._inputs / found[1]), word)

    def without_paths(self, text: str) -> str:
        """Text without the paths of this machine."""
        private = self.folder.parent
        for path, name in ((self.alias, "."), (self.folder, "(private)"), (private, "(private)"), (self._root, ".")):
            text = text.replace(str(path), name)
        return text


def _finished(job: Job, ended: process.Ended, place: _Place, cwd: Path) -> Finished:
    end = End.NOT_STARTED if ended.error else _ENDS.get(ended.stopped, End.EXITED)
    reasons = {
        End.NOT_STARTED: f"could not be started: {ended.error}",
        End.CANCELLED: "was stopped: interrupted",
        End.FLOODED: f"was stopped: it wrote more than {_FLOOD >> 20} MiB",
    }
    in_file = any("{report}" in word for word in job.argv)
    return Finished(
        job=job,
        end=end,
        report=place.report if in_file else place.stdout,
        alias=str(place.alias),
        folder=str(cwd),
        stderr=place.without_paths(files.tail(place.stderr, _STDERR_KEPT)),
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        reason=reasons.get(end, ""),
    )
