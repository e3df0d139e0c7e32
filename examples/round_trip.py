"""Write a loop by rules, play it, hear it again, and count how much of it the ear found."""

from technogen import compose, render, transcribe

written = compose("acid", bars=8, tempo=138, seed=3)
heard = transcribe(render(written, seed=3))

print(f"tempo   written {written.tempo:.2f}, heard {heard.tempo}")
print(f"drums   written {len(written.drums)}, heard {len(heard.drums)}")
print(f"bass    written {len(written.bass)}, heard {len(heard.bass)}")

if heard.score is not None:
    steps = {(n.start // 120, n.pitch) for n in written.bass}
    found = {((n.start + 60) // 120, n.pitch) for n in heard.score.bass}
    print(f"bass notes on the right 16th at the right pitch: {len(steps & found)} of {len(steps)}")
