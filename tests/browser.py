"""Drives a headless Chromium over its debugging pipe: the DevTools protocol as JSON, each message ended by NUL."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_START = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
_ABOVE = 10  # file descriptors 3 and 4 are Chromium's: these must not be among them
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--hide-scrollbars",
)


class Page:
    """One page, and everything that it complained of or asked the network for."""

    def __init__(self, to: int, back: int) -> None:
        self.complaints: list[str] = []
        """Console messages, uncaught exceptions, and violations of the content security policy."""
        self.requests: list[str] = []
        """Addresses that were asked for, but for the page itself."""
        self._to = to
        self._back = back
        self._rest = b""
        self._count = 0
        self._session = ""
        self._loaded = False
        self._address = "about:blank"
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, file: Path) -> None:
        """Show a file, and wait until it is loaded."""
        self._loaded = False
        self._address = file.resolve().as_uri()
        self.call("Page.navigate", url=self._address)
        while not self._loaded:
            self._receive()

    def evaluate(self, code: str) -> Any:
        """The value of a JavaScript expression, waited for where it is a promise."""
        found = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"])
        return found["result"].get("value")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key, such as Enter, 13."""
        text = {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def settle(self) -> None:
        """Wait until what was typed has had its effect."""
        self.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(done), 150))")

    def call(self, method: str, **parameters: Any) -> Json:
        """Call a method of the DevTools protocol, and return its result."""
        self._count += 1
        message: Json = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def save(self, method: str, file: Path, **parameters: Any) -> None:
        """Save what `Page.captureScreenshot` or `Page.printToPDF` returns."""
        file.write_bytes(base64.b64decode(self.call(method, **parameters)["data"]))

    def _receive(self) -> Json:
        while b"\0" not in self._rest:
            read = os.read(self._back, 1 << 20)
            if not read:
                raise AssertionError("Chromium has ended")
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        message: Json = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, found: Json) -> None:
        if event == "Page.loadEventFired":
            self._loaded = True
        elif event == "Log.entryAdded":
            self.complaints.append(found["entry"]["text"])
        elif event == "Runtime.consoleAPICalled":
            self.complaints.append(str([one.get("value") for one in found["args"]]))
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(found["exceptionDetails"]))
        elif event == "Network.requestWillBeSent" and found["request"]["url"] != self._address:
            self.requests.append(found["request"]["url"])


@contextmanager
def page(program: str = "chromium") -> Iterator[Page]:
    """A page in a browser of its own, which is ended with it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        there, to = (_above(end) for end in os.pipe())
        back, here = (_above(end) for end in os.pipe())
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(there), str(here), program, *_OPTIONS, f"--user-data-dir={profile}"],
            pass_fds=(there, here),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(there)
        os.close(here)
        try:
            yield Page(to, back)
        finally:
            os.close(to)  # Chromium ends with its pipe
            os.close(back)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _above(end: int) -> int:
    moved = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    os.close(end)
    return moved
