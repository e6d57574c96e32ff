"""One module for each source of evidence: its physics, its nuisances and their priors."""
