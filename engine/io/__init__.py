"""Files: atomic writing, and YAML in and out."""
