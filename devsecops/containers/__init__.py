"""The only door to Docker: finding its daemon, getting an image by name, saving it to a file."""
