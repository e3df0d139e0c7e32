"""Hand a score to pretty_midi and take one back, for tools that speak that."""

from technogen import Score, compose

score = compose("industrial", bars=4, seed=5)
midi = score.to_pretty_midi()

print([instrument.name for instrument in midi.instruments], f"{midi.get_tempo_changes()[1][0]:.2f} bpm")
assert Score.from_pretty_midi(midi).drums == score.drums
