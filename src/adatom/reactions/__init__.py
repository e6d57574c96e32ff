"""Reaction networks: elementary steps as data, laid over the positions of a site."""

from adatom.reactions.expansion import load_network, network_of, restricted
from adatom.reactions.mechanism import Mechanism
from adatom.reactions.mechanism_file import load_mechanism, parse_mechanism
from adatom.reactions.network import Network, ReactionPath, Step

__all__ = [
    "Mechanism",
    "Network",
    "ReactionPath",
    "Step",
    "load_mechanism",
    "load_network",
    "network_of",
    "parse_mechanism",
    "restricted",
]
