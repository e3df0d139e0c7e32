"""Basslines, drum figures and the form, each by itself, on known answers."""

from dataclasses import replace
from random import Random

from technogen.patterns import STYLES
from technogen.patterns.acid_line import Palette, draw_motif, draw_palette
from technogen.patterns.arranging import Frame, Span, draw_layer, hold_back, plan_frames, plan_sections, split_sections
from technogen.patterns.developing import develop, move, vary
from technogen.patterns.drumming import cast_voices, draw_voice, make_hits, play_fill, spread_hits
from technogen.patterns.filtering import draw_curves
from technogen.patterns.steps import Step, write_line
from technogen.patterns.vocabulary import Spread, Voice
from technogen.score import Note, Section, drums

REST = Step()
TIE = Step("tie")


def bar_of(*steps: Step) -> tuple[Step, ...]:
    return (*steps, *[REST] * (16 - len(steps)))


KICK = {0, 4, 8, 12}


def make_palette(seed: int = 1, **changes) -> Palette:
    style = replace(STYLES["acid"].bass, **{"walk": 0.0, "second": 0.0, **changes})
    return draw_palette(Random(seed), style, (0, 3, 5, 7, 10), 36, kick=KICK, clap={4, 12})


def test_a_line_is_written_as_a_303_plays_it():
    bar = bar_of(
        Step("note", 0, accent=True), TIE, Step("note", 3, slide=True), Step("note", 7), REST, TIE, Step("note", 7)
    )
    assert write_line([bar], 36) == (
        Note(0, 190, 36, 127),
        Note(240, 120, 39, 80, slide=True),
        Note(360, 70, 43, 80),
        Note(720, 70, 43, 80),
    )


def test_a_slide_holds_through_ties_but_not_into_a_gap_or_the_same_pitch():
    held = bar_of(Step("note", 0, slide=True), TIE, Step("note", 12))
    assert write_line([held], 36)[0] == Note(0, 240, 36, 80, slide=True)
    same = bar_of(Step("note", 0, slide=True), Step("note", 0))
    assert write_line([same], 36)[0] == Note(0, 70, 36, 80)
    gap = bar_of(Step("note", 0, slide=True), REST, Step("note", 7))
    assert write_line([gap], 36)[0] == Note(0, 70, 36, 80)


def test_the_last_note_slides_into_the_first():
    bar = (Step("note", 0), *[REST] * 14, Step("note", 7, slide=True))
    assert write_line([bar], 36)[-1] == Note(1800, 120, 43, 80, slide=True)


def test_a_silent_bar_and_a_silent_line():
    bar = bar_of(Step("note"))
    assert [n.start for n in write_line([None, bar, None], 36)] == [1920]
    assert write_line([None], 36) == ()


def test_a_variation_changes_few_notes():
    rng = Random(3)
    for seed in range(100):
        motif = draw_motif(Random(seed), make_palette())
        changed = vary(rng, make_palette(), motif[0], 1)
        assert sum(a != b for a, b in zip(motif[0], changed)) <= 1


def test_a_line_develops_its_motif():
    palette = make_palette()
    for seed in range(50):
        motif = draw_motif(Random(seed), palette)
        line = develop(Random(seed), palette, motif, 13)
        assert len(line) == 13
        assert tuple(line[: len(motif)])[:-1] == motif[:-1]


def test_a_line_that_rolls_leaves_the_kick_alone():
    for seed in range(40):
        motif = draw_motif(Random(seed), make_palette(seed, rolling=1.0))
        assert not {i for bar in motif for i, step in enumerate(bar) if step.kind == "note"} & KICK


def test_accents_that_answer_the_clap_fall_on_it_and_right_after():
    def share(answer: float) -> float:
        accents = [make_palette(seed, answer=answer).accents for seed in range(300)]
        whole = [a for a in accents if len(a) == 16]
        return sum(a[i] for a in whole for i in (4, 5, 12, 13)) / sum(sum(a) for a in whole)

    assert share(1.0) > share(0.0) + 0.1


def test_a_line_moves_along_its_scale():
    palette = make_palette()  # a pentatonic scale on C2
    bar = bar_of(Step("note", 0), Step("note", 3), REST, Step("note", -2), Step("note", 12))
    pitches = [step.pitch for step in move(palette, bar, 1) if step.kind == "note"]
    assert pitches == [3, 5, 0, 15]
    assert [step.pitch for step in move(palette, bar, 4) if step.kind == "note"] == [10, 12, 7, 10]  # folded: too high
    assert move(palette, bar, 0) == bar
    assert [step.kind for step in move(palette, bar, -2)] == [step.kind for step in bar]


def test_a_walk_moves_the_bars_of_a_phrase_and_comes_again():
    palette = replace(make_palette(change=0.0), walk=(0, 2))
    motif = draw_motif(Random(5), make_palette(motif=((1, 1.0),)))
    line = develop(Random(5), palette, motif, 8)
    assert line[0] == motif[0]
    assert line[1] == move(palette, motif[0], 2)
    assert line[2:4] == line[:2]


def test_a_motif_has_the_bars_that_it_is_given():
    for bars in (1, 2, 4, 8):
        assert len(draw_motif(Random(bars), make_palette(motif=((bars, 1.0),)))) == bars


def test_a_phrase_without_changes_repeats_exactly():
    palette = make_palette(change=0.0, motif=((2, 1.0),))
    for seed in range(20):
        motif = draw_motif(Random(seed), palette)
        assert develop(Random(seed), palette, motif, 16) == list(motif) * 8


def test_a_second_line_differs_from_the_first():
    palette = make_palette(change=0.0, second=1.0)
    for seed in range(20):
        line = develop(Random(seed), palette, draw_motif(Random(seed), palette), 16)
        assert line[:8] != line[8:]


def test_layers_play_in_some_blocks():
    for seed in range(200):
        layer = draw_layer(Random(seed), 4, 1.0)
        assert len(layer) == 4
        assert 0 < sum(layer) < 4
    assert draw_layer(Random(1), 4, 0.0) == (True,) * 4
    assert draw_layer(Random(1), 1, 1.0) == (True,)


def test_a_voice_waits_for_the_second_drop():
    spans = [Span(0, 4, "intro"), Span(4, 8, "drop"), Span(8, 12, "breakdown"), Span(12, 16, "drop")]
    frames = hold_back([Frame(1.0)] * 16, spans, drums.RIDE)
    assert [drums.RIDE in frame.muted for frame in frames] == [True] * 12 + [False] * 4
    assert hold_back([Frame(1.0)] * 4, [Span(0, 4, None)], drums.RIDE) == [Frame(1.0)] * 4


def test_energy_casts_more_voices():
    voices = STYLES["hypnotic"].drums.voices
    cast = [sum(len(cast_voices(Random(s), voices, energy)) for s in range(50)) for energy in (0.1, 0.5, 0.9)]
    assert cast[0] < cast[1] < cast[2]


def test_hits_are_spread_evenly():
    assert spread_hits(3, 8) == [0, 3, 6]
    assert spread_hits(4, 16) == [0, 4, 8, 12]
    for hits in range(1, 17):
        steps = spread_hits(hits, 16)
        gaps = {b - a for a, b in zip(steps, [*steps[1:], steps[0] + 16])}
        assert len(steps) == hits
        assert max(gaps) - min(gaps) <= 1


def test_percussion_answers_the_bass():
    bass = {0, 3, 6, 9, 12, 15}
    voice = Voice(drums.RIM, 1.0, (Spread(4, 4),), drift=0.0)
    met = [
        len({i for i, m in enumerate(draw_voice(Random(s), voice, bass).bars[0]) if m != "."} & bass) for s in range(50)
    ]
    assert sum(met) / 50 < 4 * len(bass) / 16


def test_fills_do_what_they_say():
    rows = {drums.KICK: "X...X...X...X...", drums.CLOSED_HAT: "..x...x...x...x."}
    for seed in range(20):
        play = lambda fill: play_fill(rows, fill, Random(seed))  # noqa: B023, E731
        assert play("gap")[drums.KICK].rstrip(".") in ("X...X...X...X", "X...X...X", "X...X")
        assert all(row.endswith("..") for row in play("stop").values())
        assert play("swell")[drums.SNARE].endswith("X")
        assert play("swell")[drums.SNARE][0] == "o"
        assert play("fours")[drums.SNARE] == "x..." * 4
        assert play("eights")[drums.SNARE] == "x.x." * 4
        assert play("claps")[drums.CLAP] != "." * 16
        assert {drums.HIGH_TOM, drums.LOW_TOM} <= set(play("toms"))
    assert rows[drums.KICK] == "X...X...X...X..."


def test_the_open_hat_stays_where_both_hats_fall():
    hits = make_hits({drums.CLOSED_HAT: "xx..............", drums.OPEN_HAT: ".X.............."}, 2)
    assert sorted((n.start, n.pitch, n.velocity) for n in hits) == [(3840, 42, 85), (3960, 46, 120)]


def test_sections_cover_a_track():
    sections = plan_sections(Random(1), 64)
    spans = split_sections(sections, 64)
    assert spans[0].start == 0
    assert spans[-1].end == 64
    assert all(a.end == b.start for a, b in zip(spans, spans[1:]))
    assert [(s.start, s.end, s.label) for s in split_sections((), 8)] == [(0, 8, None)]


def test_a_drop_is_led_into():
    sections = (Section(0, "build"), Section(8, "drop"))
    for seed in range(20):
        frames = plan_frames(Random(seed), STYLES["dub"], 16, 0.7, sections)
        assert frames[7].fill in ("swell", "roll", "stop")
        assert frames[8].energy > frames[0].energy


def test_a_build_drums_up_to_its_drop():
    sections = (Section(0, "build"), Section(8, "drop"))
    fills = [
        [frame.fill for frame in plan_frames(Random(seed), STYLES["hard"], 16, 0.7, sections)[4:8]]
        for seed in range(40)
    ]
    assert ["fours", "fours", "eights", "swell"] in fills


def test_a_build_opens_the_filter():
    sections = (Section(0, "build"), Section(8, "drop"))
    style = STYLES["acid"]
    frames = plan_frames(Random(1), style, 16, 0.7, sections)
    for seed in range(20):
        points = draw_curves(Random(seed), style, frames, split_sections(sections, 16))
        build = [c.value for c in points if c.name == "cutoff" and c.tick < 8 * 1920]
        assert build == sorted(build)
        assert len(build) > 1
