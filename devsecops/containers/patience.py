"""Waits for a daemon or a registry no longer than is sensible."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

from devsecops.errors import DevsecopsError, DockerError

SILENCE = 300.0  # seconds without a word; Docker prepares a whole image before it sends the first byte of it
_STEP = 0.1  # seconds between two looks at the clock
_HINT = "see the Docker daemon, and the network it has"

TRIES = 3

_T = TypeVar("_T")
Tick = Callable[[str], None]


class StoppedError(Exception):
    """Nobody waits for this work any longer."""


class PassingError(Exception):
    """A failure that may be over at the next try."""


def tried(work: Callable[[], _T], deadline: float, again: Callable[[str], None] = lambda _: None) -> _T:
    """Do work that may fail in passing, a few times.

    Args:
        work: what is done.
        deadline: when there is no time left to wait, as `time.monotonic` counts.
        again: hears before each further try why the last one failed.

    Raises:
        PassingError: that of the last try. What else the work raises is passed on.
    """
    for attempt in range(1, TRIES):
        try:
            return work()
        except PassingError as error:
            again(str(error))
        time.sleep(min(2**attempt * random.uniform(0.25, 0.5), max(deadline - time.monotonic(), 0)))  # noqa: S311  # jitter, no secret
    return work()


def in_time(  # noqa: PLR0913  # each is a fact about the one wait
    work: Callable[[Tick], _T],
    what: str,
    deadline: float,
    *,
    say: Callable[[str], None] = lambda _: None,
    cancelled: Callable[[], bool],
    error: type[DevsecopsError] = DockerError,
    hint: str = _HINT,
) -> _T:
    """Do work in a thread, so that silence, the deadline and cancellation are noticed while nothing comes.

    Args:
        work: gets a function to call for each piece that comes, with what to say of it or nothing; that ends the work
            where nobody waits any longer.
        what: what is done, for people.
        deadline: when it must be done, as `time.monotonic` counts.
        say: hears, in the calling thread, the last that there was to say.
        cancelled: asked ten times a second; true ends the waiting.
        error: what is raised where it took too long or was cancelled.
        hint: what to do where it took too long.

    Raises:
        DevsecopsError: it took too long or was cancelled. What the work raises is passed on.
    """
    stop = Event()
    heard, words = time.monotonic(), ""
    results: list[_T] = []
    errors: list[Exception] = []

    def tick(text: str) -> None:
        nonlocal heard, words
        if stop.is_set():
            raise StoppedError
        heard, words = time.monotonic(), text

    def run() -> None:
        try:
            results.append(work(tick))
        except Exception as failed:  # noqa: BLE001  # it is raised again where somebody waits
            errors.append(failed)

    thread = Thread(target=run, daemon=True)
    thread.start()
    said = ""
    try:
        while thread.is_alive():
            thread.join(_STEP)
            if words != said:
                said = words
                say(said)
            if thread.is_alive():
                why, mend = _over(heard, deadline, cancelled, hint)
                if why:
                    raise error(f"{what}{why}", mend)
    finally:
        stop.set()
    if errors:
        raise errors[0]
    return results[0]


def _over(heard: float, deadline: float, cancelled: Callable[[], bool], hint: str) -> tuple[str, str]:
    """Why nobody waits any longer, and what to do; empty where somebody does."""
    now = time.monotonic()
    if cancelled():
        return " was cancelled", ""
    if now > deadline:
        return " took too long", hint
    if now - heard > SILENCE:
        return f": nothing came for {SILENCE:.0f} s", hint
    return "", ""
