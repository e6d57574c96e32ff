"""Micrographs and point patterns -> atoms, neighbour statistics, share of atoms in pairs."""
