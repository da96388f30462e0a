from engine.io.listing import counted, listed, shown


def test_the_first_few_names_are_said_and_how_many_more_there_are() -> None:
    names = ["a", "b", "c", "d", "e"]
    assert [listed(names[:count]) for count in range(6)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and d",
        "a, b, c, d and 1 more",
    ]


def test_what_a_sentence_is_about_is_counted_and_named_in_one_line() -> None:
    words = ("class is", "classes are")
    assert counted(["a\nb"], *words) == 'class "a\\nb" is'
    assert counted(["a", "b"], *words) == '2 classes ("a" and "b") are'
    many = [str(number) for number in range(1200)]
    assert counted(many, *words) == '1,200 classes ("0", "1", "2", "3" and 1,196 more) are'
    assert len(shown("x" * 1000)) == 80
