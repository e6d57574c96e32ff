"""From measured curves to figures of merit with 95 % intervals."""
