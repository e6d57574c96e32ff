"""Elementary steps and reaction networks, loaded from data files and checked for balance."""

from adatom.reactions.network import Network, ReactionPath, Step, load_network, parse_network

__all__ = ["Network", "ReactionPath", "Step", "load_network", "parse_network"]
