"""The law of MIDI files: what is written is read back equal."""

import random
from dataclasses import replace

import pytest

from technogen.errors import MidiError, OutputError
from technogen.midi import midi_bytes, parse_midi, score_from_pretty_midi, score_to_pretty_midi, write_midi
from technogen.score import TICKS_PER_BAR, Control, Note, Score, Section

LABELS = ["intro", "drop", "Überleitung", "間奏", " spaces ", "\ud800", "a\0b", "x" * 100]
SHORT_AND_LONG = [1, 2, 5, 9, 10, 11, 70, 120, 190, 480, 1000]
USUAL = [70, 20, 40, 60, 80, 100, 120, 240, 360, 480, 960]


def make_line(dice, length, grid, durations):
    """Bass notes from left to right, with gaps or without, the last often up to the loop's end."""
    notes, tick = [], 0
    for _ in range(dice.randint(0, 30)):
        tick = -(-(tick + dice.choice([0, 0, 0, 1, 3, 6]) * grid) // grid) * grid
        duration = dice.choice(durations)
        if tick + duration > length:
            break
        pitch = dice.choice([36, 36, 37, 48, 0, 127])
        notes.append(Note(tick, duration, pitch, dice.randint(1, 127), dice.random() < 0.5))
        tick += duration
    if notes and dice.random() < 0.5:
        notes[-1] = replace(notes[-1], duration=length - notes[-1].start)
    return tuple(notes)


def make_score(seed, *, swing=0.5, grid=1, durations=SHORT_AND_LONG):
    dice = random.Random(seed)
    bars = dice.randint(1, 3)
    length = bars * TICKS_PER_BAR
    tick = lambda: dice.randrange(0, length, grid)  # noqa: E731
    hit = lambda: Note(tick(), 60, dice.choice([36, 42, 46, 0, 127]), dice.randint(1, 127))  # noqa: E731
    control = lambda: Control(tick(), dice.choice(["cutoff", "resonance"]), dice.randint(0, 127))  # noqa: E731
    return Score(
        tempo=dice.randint(2000, 40000) / 100,
        bars=bars,
        drums=tuple(hit() for _ in range(dice.choice([0, 5, 40]))),
        bass=make_line(dice, length, grid, durations),
        swing=swing,
        controls=tuple(control() for _ in range(dice.choice([0, 2, 20]))),
        sections=tuple(Section(dice.randrange(bars), dice.choice(LABELS)) for _ in range(dice.randint(0, 3))),
    )


def make_swung(seed):
    return make_score(seed, swing=0.51 + seed % 25 / 100, grid=20, durations=USUAL)


@pytest.mark.parametrize("file_type", [0, 1])
def test_any_straight_score_comes_back_equal(file_type):
    for seed in range(300):
        score = make_score(seed)
        assert parse_midi(midi_bytes(score, file_type=file_type)).score == score, seed


@pytest.mark.parametrize("file_type", [0, 1])
def test_a_swung_score_on_a_grid_comes_back_equal(file_type):
    for seed in range(300):
        score = make_swung(seed)
        assert parse_midi(midi_bytes(score, file_type=file_type)).score == score, seed


def test_the_random_scores_hold_what_matters():
    """So that the laws above are not about nothing."""
    scores = [make_score(seed) for seed in range(300)] + [make_swung(seed) for seed in range(300)]
    assert sum(bool(s.bass) and s.bass[-1].slide for s in scores) > 10
    assert sum(a.slide and b.duration < 10 for s in scores for a, b in zip(s.bass, s.bass[1:])) > 100
    assert sum(s.swing > 0.5 and any(n.slide for n in s.bass) for s in scores) > 50


@pytest.mark.parametrize("swing", [0.55, 0.66, 0.75])
def test_a_swung_score_off_the_grid_keeps_all_but_a_few_ticks(swing):
    for seed in range(50):
        score = make_score(seed, swing=swing)
        read = parse_midi(midi_bytes(score)).score
        for name in ("tempo", "bars", "swing", "sections"):
            assert getattr(read, name) == getattr(score, name)
        found = [(n.pitch, n.start) for n in read.drums]
        for hit in score.drums:
            assert any(p == hit.pitch and abs(start - hit.start) <= 3 for p, start in found), (seed, hit)


def test_one_part_a_file():
    for seed in range(60):
        score = make_score(seed)
        assert parse_midi(midi_bytes(score, part="drums")).score == score.muted("bass")
        assert parse_midi(midi_bytes(score, part="bass")).score == score.muted("drums")


def test_pretty_midi_carries_all_but_the_sections():
    for seed in range(30):
        for score in (make_score(seed), make_swung(seed)):
            score = replace(score, sections=(), controls=score.controls if score.bass else ())  # noqa: PLW2901
            assert score_from_pretty_midi(score_to_pretty_midi(score)) == score, seed


def test_a_score_keeps_its_methods_promise(tmp_path):
    score = Score(138.0, 2, drums=(Note(0, 60, 36, 110),), bass=(Note(0, 70, 36, 127),), swing=0.58)
    score.save(tmp_path / "a.mid")
    assert Score.load(tmp_path / "a.mid") == score
    assert Score.load(str(tmp_path / "a.mid")) == score
    assert Score.from_pretty_midi(score.to_pretty_midi()) == score


def test_every_tempo_is_exact():
    """All of 60.00..200.00 by the rounding alone, every 37th through a file, and the ends of what a score may have."""
    for hundredths in [*range(6000, 20001, 37), 2000, 2001, 13200, 39999, 40000]:
        score = Score(hundredths / 100, 1)
        assert parse_midi(midi_bytes(score)).score.tempo == score.tempo
    for hundredths in range(2000, 40001):
        assert round(60_000_000 / round(6_000_000_000 / hundredths), 2) == hundredths / 100


def test_equal_scores_give_equal_bytes():
    notes = (Note(0, 60, 36, 110), Note(0, 60, 42, 80), Note(480, 60, 36, 110))
    assert midi_bytes(Score(130, 1, drums=notes)) == midi_bytes(Score(130.0, 1, drums=notes[::-1]))


def test_unknown_parts_and_types_are_refused():
    with pytest.raises(MidiError, match="'drums' or 'bass', got 'lead'"):
        midi_bytes(Score(130, 1), part="lead")
    with pytest.raises(MidiError, match="type 0 and 1 are written, got 2"):
        midi_bytes(Score(130, 1), file_type=2)


@pytest.mark.parametrize("name", ["missing/a.mid", "taken", "file/a.mid", "x" * 300 + ".mid", "nul\0.mid"])
def test_what_cannot_be_written_leaves_nothing(tmp_path, name):
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").write_text("kept")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(OutputError, match=r"cannot be written|no name of a file"):
        write_midi(Score(130, 1), tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.mid"
    path.write_bytes(b"old")

    def fail(*_):
        raise PermissionError("no")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OutputError, match="no; give a file"):
        write_midi(Score(130, 1), path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mid"]
    assert path.read_bytes() == b"old"
