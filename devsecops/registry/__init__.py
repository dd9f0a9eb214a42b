"""Gets images from registries without a Docker daemon: the pull part of the OCI distribution specification 1.1."""
