"""X-ray absorption spectra: edges, oxidation states, fine structure and what it is evidence of."""
