"""What can go wrong, each with the next step for the person who reads it."""


class DevsecopsError(Exception):
    """Base of every expected error.

    Attributes:
        message: what is wrong, naming the file and the place.
        hint: what to do next; empty where the message says it all.
        exit_code: what the command ends with (docs/exit-codes.md).
    """

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DevsecopsError):
    """The command line, a path or a configuration file is wrong: nothing was scanned."""

    exit_code = 2


class ReportError(DevsecopsError):
    """A scanner's report cannot be read: that scanner has failed, others are kept."""


class AdvisoryError(DevsecopsError):
    """The advisory data is absent, damaged or out of reach: a dependency audit would prove nothing."""


class OutputError(DevsecopsError):
    """An output that was asked for could not be written."""


class DockerError(DevsecopsError):
    """The Docker daemon is out of reach, or did not do what was asked: an image or a container was not to be had."""


class RegistryError(DevsecopsError):
    """A registry is out of reach, or did not give what was asked for: an image was not to be had."""
