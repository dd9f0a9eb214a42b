"""Services: the parts of a repository that are built, deployed or run by themselves."""

from devsecops.services.discovery import Services, discover

__all__ = ["Services", "discover"]
