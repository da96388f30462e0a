"""The guide: the pages of docs/, their headings, search over them, and the glossary's entries."""
