"""From turnover and mass transport to a measured current."""
