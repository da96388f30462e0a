"""Many episodes as a table: columns, filters, a summary, and links to single ones."""
