"""Scanners described by data: `scanner.toml` becomes a Scanner."""

from devsecops.manifest.load import all_scanners, bundled, load
from devsecops.manifest.spec import Manifest
from devsecops.manifest.tool import ManifestScanner

__all__ = ["Manifest", "ManifestScanner", "all_scanners", "bundled", "load"]
