"""The SARIF engine; knows the words of the model and nothing else of devsecops."""

from devsecops.sarif.decode import from_sarif, located
from devsecops.sarif.encode import to_sarif
from devsecops.sarif.merging import Merged, Source, merge
from devsecops.sarif.results import Tally

__all__ = ["Merged", "Source", "Tally", "from_sarif", "located", "merge", "to_sarif"]
