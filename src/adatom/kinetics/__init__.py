"""From free energies to rates, and from rates to the turnover of an isolated site."""
