"""Sites: notation, structure, adsorbates."""
