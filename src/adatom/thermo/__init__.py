"""From electronic to free energies, diagrams and limiting potentials."""
