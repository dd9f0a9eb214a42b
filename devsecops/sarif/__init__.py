"""The SARIF engine; knows the words of the model and nothing else of devsecops."""

from devsecops.sarif.decode import from_sarif, located
from devsecops.sarif.encode import to_sarif

__all__ = ["from_sarif", "located", "to_sarif"]
