"""Windows, panels and widgets: numpy arrays and frozen records in, wishes out; never torch."""
