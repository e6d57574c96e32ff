"""From structures to electronic energies: engines, relaxations, tables, folders."""
