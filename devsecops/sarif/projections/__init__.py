"""What platforms take of a canonical log: each within their limits, with what was left out said."""

from devsecops.sarif.projections.shared import Group, Located, Projected, TextOf

__all__ = ["Group", "Located", "Projected", "TextOf"]
