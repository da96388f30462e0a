"""The pages of the guide: where docs/ is, their order, and their headings with anchors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import leo_studio
from engine.errors import BadInput

GLOSSARY = "glossary"
FOR_USERS = (
    "first_steps",
    "window",
    "pictures",
    "pretraining",
    "episodes",
    "regression",
    "try_it",
    "studies",
    "sweeps",
    "scaling",
    "transforms",
    "results",
    "curvature",
    GLOSSARY,
    "export",
    "guide",
    "performance",
    "reliability",
)
"""Pages for whoever uses the program, in the order in which they are offered; the first opens."""

_HEADING = re.compile(r"(#{1,6}) +(.+?) *#*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TOO_MUCH = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page; `anchor` is what stands after "#" in a link to it."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class GuidePage:
    """One page; `text` is Markdown, `name` the file's without its ending."""

    name: str
    text: str
    headings: tuple[Heading, ...]

    @property
    def title(self) -> str:
        """The first heading."""
        return self.headings[0].title if self.headings else self.name

    @property
    def is_for_users(self) -> bool:
        """Whether it is for whoever uses the program, and not for who changes it."""
        return self.name in FOR_USERS


def guide_folder() -> Path:
    """Return where the pages are: in the installed package, or in the checkout."""
    package = Path(leo_studio.__file__).parent
    installed = package / "docs"
    return installed if installed.is_dir() else package.parent / "docs"


def read_pages(folder: Path) -> tuple[GuidePage, ...]:
    """Read all pages, those for users first.

    Raises
    ------
    BadInput
        Where there are none.
    """
    try:
        files = {file.stem: file for file in sorted(folder.glob("*.md"))}
        first = [name for name in FOR_USERS if name in files]
        names = [*first, *(name for name in files if name not in first)]
        pages = tuple(_page(name, files[name].read_text(encoding="utf-8")) for name in names)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{folder}: the guide cannot be read ({error}); {_REMEDY}") from error
    if not pages:
        raise BadInput(f"{folder} has no pages of the guide; {_REMEDY}")
    return pages


_REMEDY = "install LEO Studio again, or read them in docs/ of its source code."


def headings_of(text: str) -> tuple[Heading, ...]:
    """Return the headings of a page; equal ones get numbered anchors, as on GitHub."""
    found: list[Heading] = []
    times: dict[str, int] = {}
    for line, is_code in _lines(text):
        matched = None if is_code else _HEADING.fullmatch(line)
        if matched is None:
            continue
        title = plain(matched[2])
        anchor = anchor_of(title)
        before = times.get(anchor, 0)
        times[anchor] = before + 1
        found.append(Heading(len(matched[1]), title, f"{anchor}-{before}" if before else anchor))
    return tuple(found)


def anchor_of(title: str) -> str:
    """Return the anchor of a heading: "n_way" is "n_way", "On a GPU" is "on-a-gpu"."""
    return _TOO_MUCH.sub("", title.strip().casefold()).replace(" ", "-")


def plain(markdown: str) -> str:
    """Return a line of Markdown without its marks."""
    return _LINK.sub(r"\1", markdown).replace("`", "").replace("*", "")


def sections_of(page: GuidePage) -> Iterator[tuple[Heading, str]]:
    """Iterate over the headings of a page, each with the plain text beneath it."""
    headings = iter(page.headings)
    heading, lines = None, list[str]()
    for line, is_code in _lines(page.text):
        if not is_code and _HEADING.fullmatch(line):
            if heading is not None:
                yield heading, " ".join(lines)
            heading, lines = next(headings), []
        elif words := _words(line, is_code=is_code):
            lines.append(words)
    if heading is not None:
        yield heading, " ".join(lines)


def _page(name: str, text: str) -> GuidePage:
    return GuidePage(name, text, headings_of(text))


def _words(line: str, *, is_code: bool) -> str:
    """Return what a person reads in a line: nothing of fences, and cells without their borders."""
    if line.startswith("```") or re.fullmatch(r"[|\-: ]*", line):
        return ""
    cells = line if is_code else plain(line).removeprefix("- ").replace("|", " ")
    return " ".join(cells.split())


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Iterate over lines, and whether each is inside of a block of code."""
    is_code = False
    for line in text.splitlines():
        is_fence = line.startswith("```")
        yield line, is_code or is_fence
        is_code ^= is_fence
