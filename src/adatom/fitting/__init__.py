"""From a measured polarization curve back to the few parameters that it determines."""
