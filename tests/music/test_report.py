from msgspec.structs import fields

from bot.music.report import Report


def test_nothing_happened_says_nothing() -> None:
    assert Report().lines() == ()


def test_counts_become_sentences() -> None:
    assert Report(pitches_out_of_range=2, cut_notes=1).lines() == (
        "2 notes were outside MIDI's range and were left out.",
        "1 note was shortened, because the same pitch began again.",
    )


def test_every_count_has_a_sentence_for_one_and_for_many() -> None:
    for count in fields(Report):
        if count.name == "guessed_programs":  # told with the names of the tracks
            continue
        (one,), (many,) = Report(**{count.name: 1}).lines(), Report(**{count.name: 1234}).lines()
        assert one != many
        assert "1" in one
        assert "1,234" in many


def test_reports_add_up() -> None:
    assert Report(cut_notes=1, merged_notes=2) + Report(cut_notes=3) == Report(cut_notes=4, merged_notes=2)
