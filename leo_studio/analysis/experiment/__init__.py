"""An experiment while it is edited: its draft, what is wrong with it, and its words."""
