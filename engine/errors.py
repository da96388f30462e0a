"""Errors that a person can put right."""


class BadInput(Exception):
    """One sentence for the person at the keyboard: who, what, where, and what to do now.

    Raised for files, settings and names that cannot be used. The command line prints the sentence
    and exits with status 2; the window shows it as a toast. Anything else that is raised is a bug
    and keeps its traceback.
    """
