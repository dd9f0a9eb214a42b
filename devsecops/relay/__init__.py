"""Stands between a scanner and its target."""

from devsecops.relay.server import Relay
from devsecops.relay.wire import Origin, Rules, origin_of

__all__ = ["Origin", "Relay", "Rules", "origin_of"]
