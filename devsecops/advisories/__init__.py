"""The one source of advisories, for the scanner that audits and for what is said of its results."""

from devsecops.advisories.session import Session

__all__ = ["Session"]
