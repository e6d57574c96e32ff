"""The whole chain: free energies of sites -> polarization curves and figures of merit."""
