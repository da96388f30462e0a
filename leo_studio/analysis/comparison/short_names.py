"""Short names of compared runs: what of their titles tells them apart."""

from collections.abc import Sequence


def short_names(titles: Sequence[str]) -> tuple[str, ...]:
    """Return what tells titles apart, such as "seed 0" and "seed 1"; whole ones where it fails.

    Parameters
    ----------
    titles
        Of runs, with commas between their parts: "sine-line 5-shot, MAML, seed 0".
    """
    parts = [title.split(", ") for title in titles]
    shared = set(parts[0]).intersection(*parts[1:]) if parts else set()
    own = [[part for part in each if part not in shared] for each in parts]
    if not all(own):  # a run that has nothing of its own is told by the end of its title
        own = [mine or each[-1:] for mine, each in zip(own, parts, strict=True)]
    names = tuple(", ".join(each) for each in own)
    return names if len(set(names)) == len(titles) and all(names) else tuple(titles)
