"""Many episodes as a table: columns, filters and a summary."""
