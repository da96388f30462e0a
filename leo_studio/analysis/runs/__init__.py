"""What runs are called, how they are searched, and all of them as a table."""
