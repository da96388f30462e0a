"""Windows, panels and widgets: numpy arrays and frozen records in, requests out; never torch."""
