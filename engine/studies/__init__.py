"""Studies of many runs: grids of settings, and which experiments train at once."""
