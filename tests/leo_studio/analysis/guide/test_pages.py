"""The pages of the guide, as they are in docs/."""

import re
from pathlib import Path

import pytest

from engine.errors import BadInput
from leo_studio.analysis.guide.pages import (
    FOR_USERS,
    guide_folder,
    headings_of,
    read_pages,
    sections_of,
)
from leo_studio.analysis.guide.search import search

CHECKOUT = Path(__file__).parents[4]
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def test_pages_for_users_come_first_and_no_page_is_left_out() -> None:
    assert guide_folder() == CHECKOUT / "docs"
    names = [page.name for page in read_pages(guide_folder())]
    assert names[: len(FOR_USERS)] == list(FOR_USERS)
    assert sorted(names) == sorted(file.stem for file in (CHECKOUT / "docs").glob("*.md"))


def test_every_link_between_pages_leads_to_a_page_a_heading_or_a_picture() -> None:
    pages = {page.name: page for page in read_pages(guide_folder())}
    dead = []
    for page in pages.values():
        for link in _LINK.findall(page.text):
            target, _, anchor = link.partition("#")
            if target.startswith(("http://", "https://")):
                continue
            name = target.removesuffix(".md") or page.name
            if target and not target.endswith(".md"):
                is_there = (guide_folder() / target).is_file()
            else:
                anchors = {heading.anchor for heading in pages[name].headings}
                is_there = not anchor or anchor in anchors
            if not is_there:
                dead.append((page.name, link))
    assert dead == []


def test_headings_are_not_looked_for_in_code_and_equal_ones_have_anchors_of_their_own() -> None:
    code = "```\n# no heading\n```"
    text = f"# One `two`\n\n{code}\n\n## On a GPU (`benchmarks/gpu.py`)\n\n## Same\n## Same\n"
    assert [(each.level, each.title, each.anchor) for each in headings_of(text)] == [
        (1, "One two", "one-two"),
        (2, "On a GPU (benchmarks/gpu.py)", "on-a-gpu-benchmarksgpupy"),
        (2, "Same", "same"),
        (2, "Same", "same-1"),
    ]


def test_a_search_finds_all_words_and_names_the_heading_first() -> None:
    pages = read_pages(guide_folder())
    found = search(pages, "mutual INFORMATION")
    assert (found[0].page.name, found[0].heading.title) == ("glossary", "Mutual information")
    assert {each.page.name for each in found} >= {"glossary", "episodes"}
    for each in found:
        text = dict(sections_of(each.page))[each.heading].casefold()
        text += each.heading.title.casefold()
        assert "mutual" in text and "information" in text
    assert search(pages, "  ") == () and search(pages, "zebra crossing") == ()


def test_missing_pages_are_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no pages of the guide; install LEO Studio again"):
        read_pages(tmp_path / "docs")
