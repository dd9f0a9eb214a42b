"""Waits for a daemon no longer than is sensible."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

from devsecops.errors import DockerError

SILENCE = 300.0  # seconds without a word; Docker prepares a whole image before it sends the first byte of it
_STEP = 0.1  # seconds between two looks at the clock
_HINT = "see the Docker daemon, and the network it has"

_T = TypeVar("_T")
Tick = Callable[[str], None]


class StoppedError(Exception):
    """Nobody waits for this work any longer."""


def in_time(
    work: Callable[[Tick], _T],
    what: str,
    deadline: float,
    *,
    say: Callable[[str], None] = lambda _: None,
    cancelled: Callable[[], bool],
) -> _T:
    """Do work in a thread, so that silence, the deadline and cancellation are noticed while nothing comes.

    Args:
        work: gets a function to call for each piece that comes, with what to say of it or nothing; that ends the work
            where nobody waits any longer.
        what: what is done, for people.
        deadline: when it must be done, as `time.monotonic` counts.
        say: hears, in the calling thread, the last that there was to say.
        cancelled: asked ten times a second; true ends the waiting.

    Raises:
        DockerError: it took too long or was cancelled. What the work raises is passed on.
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
        except Exception as error:  # noqa: BLE001  # it is raised again where somebody waits
            errors.append(error)

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
                _check(what, heard, deadline, cancelled)
    finally:
        stop.set()
    if errors:
        raise errors[0]
    return results[0]


def _check(what: str, heard: float, deadline: float, cancelled: Callable[[], bool]) -> None:
    now = time.monotonic()
    if cancelled():
        raise DockerError(f"{what} was cancelled")
    if now > deadline:
        raise DockerError(f"{what} took too long", _HINT)
    if now - heard > SILENCE:
        raise DockerError(f"{what}: nothing came for {SILENCE:.0f} s", _HINT)
