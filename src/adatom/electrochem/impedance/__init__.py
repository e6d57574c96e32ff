"""Electrochemical impedance: validity, circuits, relaxation times, uncompensated resistance."""
