"""Container images: had, verified, looked into; nothing of them is ever extracted."""
