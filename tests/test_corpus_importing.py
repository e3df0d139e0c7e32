"""Human MIDI files become drums and one bassline: which track is which, what is dropped, and where played hits fall."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from midi_maker import meta, midi, name, off, on, tempo, track

from technogen.dataset.importing import Imported, import_bytes, import_midi, level_accents
from technogen.dataset.snapping import is_played, snap_hits
from technogen.dataset.songs import find_flaw, find_kind, group_songs, hold_out, name_song, read_songs
from technogen.errors import DatasetError, MidiError, MissingFileError
from technogen.midi import midi_bytes
from technogen.patterns import STYLES, compose
from technogen.score import Note, Score, swing_tick
from technogen.similarity import hash_bars

SHARED = Path(__file__).parents[2] / "shared"
BAR = 1920
NOTES = list[tuple[int, int, int]]
"""Start, length and pitch."""


def voice(title: str, notes: NOTES, *, channel: int = 0, program: int = 80, velocity: int = 90) -> bytes:
    """A track that plays these notes."""
    moments = [(start + length, off(pitch, channel)) for start, length, pitch in notes]
    moments += [(start, on(pitch, velocity, channel)) for start, _, pitch in notes]
    events, now = [(0, name(title)), (0, bytes((0xC0 | channel, program)))], 0
    for tick, message in sorted(moments, key=lambda m: (m[0], m[1][0])):
        events.append((tick - now, message))
        now = tick
    return track(*events, end=-now % BAR)


def beat(bars: int, pitch: int = 36, *, title: str = "drums", channel: int = 9) -> bytes:
    return voice(title, [(480 * k, 60, pitch) for k in range(4 * bars)], channel=channel)


def line(bars: int, root: int, *, every: int = 240, length: int = 70, first: int = 0) -> NOTES:
    return [(first * BAR + k * every, length, root + k % 3) for k in range(bars * BAR // every)]


def read(*tracks: bytes) -> Imported:
    """The tracks as one file, imported; no note may be lost without a word."""
    imported = import_bytes(midi(track((0, tempo(500_000))), *tracks))
    score, report = imported.score, imported.report
    assert report.notes == len(score.drums) + len(score.bass) + sum(d.notes for d in report.dropped)
    assert score == score.quantised()
    return imported


def test_the_bass_is_found_by_its_name_before_its_program_and_its_register():
    deep = voice("Cello", line(8, 30), channel=2)
    program = voice("Track 3", line(8, 38), channel=3, program=33)
    named = voice("my bass", line(8, 45), channel=4)
    for tracks, pitch in (((deep, program, named), 45), ((deep, program), 38), ((deep,), 30)):
        assert read(beat(8), *tracks).score.bass[0].pitch == pitch


@pytest.mark.parametrize("title", ["Bassoon", "Bass Drum", "Lead 8 (bass + lead)", "Side-chain bass"])
def test_not_everything_that_says_bass_is_one(title):
    found = read(beat(8), voice(title, line(8, 50), channel=2), voice("Square", line(8, 34), channel=3))
    assert found.report.bass_tracks == ("Square",)


def test_a_lead_a_pad_and_a_short_intro_are_no_bass():
    lead = voice("lead", line(16, 70), channel=2)
    pad = voice("pad", [(BAR * k, BAR, p) for k in range(16) for p in (40, 44, 47)], channel=3)
    intro = voice("fx", line(2, 30), channel=4)
    found = read(beat(16), lead, pad, intro)
    assert found.score.bass == ()
    assert found.report.dropped_tracks == ("lead", "pad", "fx")
    assert [d.notes for d in found.report.dropped] == [128 + 48 + 16]


def test_of_several_basses_one_plays_at_a_time_and_stays_on():
    first = voice("bass 1", line(8, 36), channel=1)
    second = voice("bass 2", [*line(4, 48, every=160, first=4), *line(4, 48, first=8)], channel=2)
    found = read(beat(12), first, second)
    roots = [min(n.pitch for n in found.score.bass if n.start // (4 * BAR) == block) for block in range(3)]
    assert roots == [36, 36, 48]
    assert found.report.bass_tracks == ("bass 1", "bass 2")


def test_overlaps_are_legato_and_slide_in_acid_tracks_alone():
    notes = [(240 * k, 250, 36 + k % 2) for k in range(32)]
    assert not any(n.slide for n in read(beat(4), voice("bass", notes)).score.bass)
    acid = read(beat(4), voice("Acid", notes)).score.bass
    assert sum(n.slide for n in acid) == 31
    assert all(n.end == following.start for n, following in zip(acid, acid[1:]))


def test_of_chords_the_lowest_note_is_kept_and_the_rest_is_told():
    notes = [*line(4, 40), *[(start, length, pitch + 7) for start, length, pitch in line(4, 40)]]
    found = read(beat(4), voice("bass", notes))
    assert max(n.pitch for n in found.score.bass) == 42
    assert [(d.reason, d.notes) for d in found.report.dropped] == [("upper notes of bass chords", 32)]


@pytest.mark.parametrize(("root", "octaves"), [(36, 0), (14, 1), (62, -1), (84, -3)])
def test_a_line_moves_by_octaves_as_a_whole(root, octaves):
    found = read(beat(4), voice("bass", line(4, root)))
    assert found.report.octaves == octaves
    assert {n.pitch - root - 12 * octaves for n in found.score.bass} == {0, 1, 2}


def test_a_pulse_is_the_kick_where_there_is_none():
    pulse = voice("Synth", [(480 * k, 200, 33) for k in range(32)], channel=3)
    without = read(beat(8, 42), pulse)
    assert without.score.bass == ()
    assert sum(n.pitch == 36 for n in without.score.drums) == 32
    beside = read(beat(8, 36), pulse)
    assert beside.report.dropped_tracks == ("Synth",)
    assert len(beside.score.drums) == 32


def test_tracks_named_after_drums_are_drums_where_channel_10_is_silent():
    kick, hat = beat(4, 60, title="Kick", channel=1), beat(4, 72, title="Closed Hat", channel=2)
    found = read(kick, hat, voice("bass", line(4, 40), channel=3))
    assert {n.pitch for n in found.score.drums} == {36, 42}
    kit = voice("Drums", [(120 * k, 60, (36, 42, 38)[k % 3]) for k in range(64)], channel=2)
    assert {n.pitch for n in read(kit).score.drums} == {36, 42, 38}


def test_doubled_hits_become_one():
    found = read(beat(4), beat(4, 35), voice("strange", [(0, 60, 5), (480, 60, 99)], channel=9))
    assert len(found.score.drums) == 16
    assert {(d.reason, d.notes) for d in found.report.dropped} == {
        ("drum hits that double another", 16),
        ("drum notes outside General MIDI", 2),
    }


def test_silent_bars_at_both_ends_go_and_those_between_stay():
    late = [(2 * BAR + start, length, pitch) for start, length, pitch in line(1, 40)]
    later = [(5 * BAR + start, length, pitch) for start, length, pitch in line(1, 40)]
    found = read(voice("bass", late + later), voice("end", [(8 * BAR, 60, 80)], channel=4))
    assert (found.score.bars, found.report.silent_bars) == (4, 5)
    assert found.score.bass[0].start == 0


def test_the_tempo_is_the_one_that_holds_longest():
    data = midi(track((0, tempo(750_000)), (BAR, tempo(400_000))), beat(8))
    found = import_bytes(data)
    assert found.score.tempo == 150
    assert found.report.tempos == (80, 150)


@pytest.mark.parametrize("seed", range(12))
def test_files_of_the_project_come_back_as_they_are(seed):
    score = compose(list(STYLES)[seed % len(STYLES)], bars=8, seed=seed)
    assert import_bytes(midi_bytes(score)).score == level_accents(score.quantised())


def test_files_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "bad.mid").write_bytes(b"no")
    with pytest.raises(MidiError, match=r"bad\.mid"):
        import_midi(tmp_path / "bad.mid")
    with pytest.raises(MissingFileError, match=r"none\.mid"):
        import_midi(tmp_path / "none.mid")


def _play(score: Score, *, swing: float, late: int, spread: float, seed: int) -> list[tuple[int, Note]]:
    """Drums as hands play them: ticks as played beside what was meant."""
    dice = random.Random(seed)
    played = [(max(0, round(swing_tick(n.start, swing) + late + dice.gauss(0, spread))), n) for n in score.drums]
    return sorted(played, key=lambda p: (p[0], p[1].pitch))


@pytest.mark.parametrize(("swing", "late"), [(0.5, 0), (0.5, 30), (0.5, -20), (0.58, 12), (0.66, 20)])
def test_played_hits_go_back_to_where_they_were_meant(swing, late):
    right = total = 0
    for seed in range(4):
        played = _play(compose("electro", bars=16, seed=seed), swing=swing, late=late, spread=10, seed=seed)
        hits = [replace(n, start=tick) for tick, n in played]
        assert is_played([n.start for n in hits])
        snapped, timing = snap_hits(hits, 10**6)
        assert abs(timing.swing - swing) <= 0.03
        assert abs(timing.offset - late) <= 8
        right += sum(a.start == n.start and a.velocity == n.velocity for a, (_, n) in zip(snapped, played))
        total += len(played)
    assert right >= 0.99 * total


def test_triplets_are_heard_as_triplets():
    dice = random.Random(1)
    hits = [Note(max(0, 160 * k + dice.randint(-12, 12)), 60, 42, 80) for k in range(96)]
    snapped, timing = snap_hits(hits, 10**6)
    assert timing.triplets
    assert [n.start for n in snapped] == [160 * k for k in range(96)]
    fill = [Note(80 * k + dice.randint(-8, 8), 60, 38, 80) for k in range(6 * 8, 6 * 9)]
    straight = [Note(120 * k + dice.randint(-12, 12), 60, 42, 80) for k in range(1, 32)]
    snapped, timing = snap_hits(sorted(straight + fill), 10**6)
    assert not timing.triplets
    assert [n.start for n in snapped if n.pitch == 38] == [80 * k for k in range(6 * 8, 6 * 9)]


def test_hits_of_a_chord_stay_together():
    hits = [
        Note(60 + shift + 480 * k, 60, pitch, 90) for k in range(16) for pitch, shift in ((36, 0), (42, 5), (49, 9))
    ]
    snapped, _ = snap_hits(sorted(hits), 10**6)
    assert len({n.start for n in snapped}) == 16


def test_programmed_music_is_not_moved():
    triplets = [160 * k for k in range(24)]
    swung = [swing_tick(120 * k, 0.62) for k in range(64)]
    assert not is_played(triplets)
    found = read(voice("drums", [(tick, 40, 42) for tick in swung], channel=9))
    assert not found.report.timing.played
    assert found.score.swing == 0.62
    assert [n.start for n in found.score.drums] == [120 * k for k in range(64)]


def test_a_default_velocity_is_no_accent():
    same = Score(tempo=120, bars=1, bass=tuple(Note(240 * k, 70, 36, 127) for k in range(8)))
    assert not any(n.accent for n in level_accents(same).bass)
    some = replace(same, bass=tuple(replace(n, velocity=127 if n.start % 480 else 80) for n in same.bass))
    assert level_accents(some) == some


def test_songs_have_a_kind_and_flaws_a_name():
    drums, bass = beat(8), voice("bass", line(8, 40))
    assert find_kind(read(drums, bass).score) == "dance"
    assert find_kind(read(drums).score) == "drumming"
    assert find_kind(read(beat(8, 38), bass).score) == "songs"
    assert find_flaw(read(drums, bass)) is None
    assert find_flaw(read(bass)) == "it has 0 drum hits in 0 of its 8 bars; too few"
    waltz = import_bytes(midi(track((0, meta(0x58, b"\x03\x02\x18\x08"))), drums))
    assert "metres are 3/4" in (find_flaw(waltz) or "")


def test_versions_and_songs_that_share_a_telling_bar_are_one_group():
    assert name_song("a/Song-v1.mid") == name_song("a/song-v2.mid") != name_song("b/song.mid")
    assert name_song("g/drummer1__session2__3_rock_90_beat_4-4.mid") == name_song("g/drummer1__session2.mid")
    songs = {f"a/{k} song.mid": compose("hard", bars=8, seed=k) for k in range(6)}
    songs["a/thief.mid"] = songs["a/0 song.mid"][2:4] + compose("dub", bars=6, seed=50).muted("drums")
    groups = group_songs({n: hash_bars(s) for n, s in songs.items()})
    assert groups["a/thief.mid"] == groups["a/0 song.mid"]
    assert len(set(groups.values())) == 6


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_held_out_whole_and_about_a_tenth_of_the_bars(seed):
    dice = random.Random(seed)
    names = [f"{seed}/{k}" for k in range(300)]
    groups = {n: f"{seed}/{int(n.split('/')[1]) // 3}" for n in names}
    bars = {n: dice.randint(4, 40) for n in names}
    kept = hold_out(groups, dict.fromkeys(names, "all"), bars)
    assert all((n in kept) == (m in kept) for n in names for m in names if groups[n] == groups[m])
    assert 0.1 <= sum(bars[n] for n in kept) / sum(bars.values()) <= 0.15
    assert hold_out(dict(zip("abcd", "abcd")), dict.fromkeys("abcd", "few"), dict.fromkeys("abcd", 8)) == set()


def _write_split(folder: Path, **lists: Sequence[object]) -> Path:
    (folder / "split.json").write_text(json.dumps(lists))
    return folder / "split.json"


def test_splits_say_what_is_wrong_and_hold_back_what_they_list_so(tmp_path):
    with pytest.raises(MissingFileError, match=r"none\.json"):
        read_songs(tmp_path / "none.json")
    for lists in ({}, {"permissive": 3}, {"permissive": [3]}, {"permissive": ["none.mid"]}):
        with pytest.raises(DatasetError, match=r"split\.json"):
            read_songs(_write_split(tmp_path, **lists))
    (tmp_path / "symbolic" / "a").mkdir(parents=True)
    for k in range(3):
        compose("acid", bars=8, seed=k).save(tmp_path / "symbolic" / "a" / f"{k}.mid")
    split = _write_split(
        tmp_path, permissive=["a/0.mid", "a/1.mid", "none.mid"], sharealike=["a/2.mid"], dev_x=["a/1.mid"]
    )
    found = read_songs(split)
    assert [s.name for s in found.songs] == ["a/0.mid"]
    assert [r.name for r in found.refused] == ["none.mid"]
    assert [s.name for s in read_songs(split, tiers=("permissive", "sharealike")).songs] == ["a/0.mid", "a/2.mid"]


@pytest.mark.skipif(not (SHARED / "symbolic").is_dir(), reason="needs ../shared/symbolic")
@pytest.mark.parametrize(
    ("file", "tracks", "pitch_range"),
    [
        ("freedoom/d_dm12.mid", ("Square Lead",), (25, 49)),  # the track named "Bass Lead" plays the lead
        ("freedoom/d_dm13.mid", ("Synth Bass 1",), (26, 55)),  # reaches below the range, and moves up whole
        ("lmms_demos/Impulslogik-Zen.mid", (), None),  # nothing in it is low
    ],
)
def test_human_songs_whose_bass_is_easily_mistaken(file, tracks, pitch_range):
    found = import_midi(SHARED / "symbolic" / "permissive" / file)
    assert found.report.bass_tracks == tracks
    if pitch_range:
        pitches = [n.pitch for n in found.score.bass]
        assert (min(pitches), max(pitches)) == pitch_range


@pytest.mark.skipif(not (SHARED / "symbolic").is_dir(), reason="needs ../shared/symbolic")
def test_human_drumming_falls_on_the_grid():
    folder = SHARED / "symbolic" / "permissive" / "groove_midi"
    files = sorted(folder.glob("drummer8*beat*.mid"))[:3]
    for file in files:
        found = import_midi(file)
        assert found.report.timing.played
        assert found.report.timing.doubtful < 0.15
        assert sum(n.start % 120 == 0 for n in found.score.drums) > 0.9 * len(found.score.drums)
        assert len({n.velocity for n in found.score.drums}) == 3
