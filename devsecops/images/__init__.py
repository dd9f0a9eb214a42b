"""Container images in archives: found, verified, looked into; no daemon, and nothing is ever extracted."""
