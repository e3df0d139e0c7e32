"""The report of a listening test: one HTML page that needs nothing else, for somebody who knows no statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from technogen.evaluation.listening.report_plots import draw_listeners, draw_shares
from technogen.evaluation.listening.report_words import (
    HEADINGS,
    cautions,
    finding_in_words,
    leaning_in_words,
    percent,
    question_in_words,
)
from technogen.evaluation.listening.study import ConditionResult, Range, Study

_STYLE = """
:root { color-scheme: light; --ink: #22252d; --muted: #5c5a55; --line: #dedad0; }
body { font: 16px/1.55 Inter, 'Helvetica Neue', Helvetica, Arial, sans-serif; color: var(--ink); background: #f6f4ee;
  margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2.4rem; }
.lead { font-size: 1.1rem; }
.finding { background: #fcfbf8; border: 1px solid var(--line); border-left: 6px solid #34446f; border-radius: 8px;
  padding: .7rem 1rem; margin: .8rem 0; }
.finding h3 { margin: 0 0 .3rem; font-size: 1.05rem; } .finding p { margin: 0; }
.told, .mistaken { border-left-color: #c23a25; } .equivalent, .slight { border-left-color: #13886b; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
caption { text-align: left; color: var(--muted); padding: .3rem 0; }
figure { margin: 1rem 0; } .scroll svg { min-width: 36rem; }
figcaption, .small { color: var(--muted); font-size: .9rem; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin-left: 0; } blockquote { margin: .4rem 0; padding-left: .8rem;
  border-left: 3px solid var(--line); overflow-wrap: anywhere; white-space: pre-wrap; }
code { overflow-wrap: anywhere; }
"""
_MOST_REMARKS = 200
_TERMS = (
    ("Share of right answers", "Whoever guesses is right half of the time. 100 % is whoever always knows."),
    (
        "95 % interval",
        "Another study like this one would find another share. The interval is made so that in 95 of 100 studies it "
        "holds the true share. “Clustered” lets the answers of one listener, and those about one pair of excerpts, be "
        "more alike than others; “Wilson” takes each answer as a toss of its own and is too narrow where they are not.",
    ),
    (
        "Differs from guessing",
        "How often sheer guessing would give a share at least this far from 50 %. A large number does not show that "
        "people guess: a study that is too small never finds anything.",
    ),
    (
        "Within the margin",
        "How often a share at the very edge of the margin, or beyond, would come out this near to 50 %. A small number "
        "shows that the true share is inside of the margin. This is a test of equivalence (two one-sided tests), and "
        "only this one can show that two things are about the same.",
    ),
    (
        "Both numbers",
        "are the greater of an exact binomial test and a test clustered by listeners and pairs, and are adjusted for "
        "the number of conditions by Holm’s rule.",
    ),
    (
        "d-prime",
        "How well a person’s music is told, cleared of a leaning to one of the answers: 0 is guessing; in pairs, 1 "
        "is about 76 % right.",
    ),
    ("Design effect", "How many answers here say as much as one answer of a listener of its own would."),
)


def write_report(study: Study, *, title: str = "Listening test") -> str:
    """Write the report of a study as an HTML page.

    Args:
        study: What `analyse_study` found.
        title: Of the page.
    """
    parts = [
        f"<h1>{escape(title)}</h1>",
        *_lead(study),
        *(_finding(result, study) for result in study.conditions),
        *_cautions(study),
        *_pictures(study),
        *_numbers(study),
        *_listeners(study),
        *_liking(study),
        *_remarks(study),
        *_terms(),
        *_rules(study),
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    )
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


def _lead(study: Study) -> Iterator[str]:
    counted = [one for one in study.listeners if one.answers and not one.excluded]
    answers = sum(one.answers for one in study.conditions)
    options = study.design.options
    yield (
        f'<p class="lead">{len(counted)} listener{"s" if len(counted) > 1 else ""} gave {answers} answers to this '
        f"question: <em>{escape(question_in_words(study))}</em> They were not told who made what.</p>"
    )
    if options.rehearsal:
        yield "<p><strong>A rehearsal: no person made what stands in for a person’s music.</strong></p>"
    yield (
        f"<p>Before anybody listened it was fixed what would count as “about as good as guessing”: between "
        f"{percent(0.5 - options.margin)} and {percent(0.5 + options.margin)} right answers.</p><h2>What was found</h2>"
    )


def _finding(result: ConditionResult, study: Study) -> str:
    heading = f"{escape(result.condition)}: {HEADINGS[result.verdict]}"
    words = escape(finding_in_words(result, study))
    return f'<section class="finding {result.verdict}"><h3>{heading}</h3><p>{words}</p></section>'


def _cautions(study: Study) -> Iterator[str]:
    if found := list(cautions(study)):
        items = "".join(f"<li>{escape(words)}</li>" for words in found)
        yield f"<h2>To bear in mind</h2><ul>{items}</ul>"


def _pictures(study: Study) -> Iterator[str]:
    caption = (
        "The ring is the share of right answers, the thin line its 95 % interval. Only where the thick line lies "
        "wholly in the green band may the study have shown that listeners are about as good as guessing; only where "
        "the thin line does not touch 50 %, that they are not guessing. What was found, above, is a little stricter: "
        "it allows for the number of conditions."
    )
    yield f"<h2>In a picture</h2>{_figure(draw_shares(study), 'Shares of right answers', caption)}"


def _numbers(study: Study) -> Iterator[str]:
    columns = ["", "right", "share", "95 %, clustered", "95 %, Wilson", "differs from guessing: p"]
    columns += ["within the margin: p", "d-prime (95 %)", "design effect"]
    rows = [
        (
            one.condition,
            f"{one.correct} of {one.answers}",
            f"{100 * one.share:.1f} %",
            _range(one.interval),
            _range(one.wilson),
            _p(one.p_difference),
            _p(one.p_equivalence),
            f"{one.sensitivity.d_prime:.2f} ({one.sensitivity.low:.2f} to {one.sensitivity.high:.2f})",
            f"{one.design_effect:.2f}",
        )
        for one in study.conditions
    ]
    yield "<h2>In numbers</h2>"
    yield _table("What they mean stands further down.", columns, rows)
    yield f"<p>{escape(leaning_in_words(study))}</p>"


def _listeners(study: Study) -> Iterator[str]:
    caption = "Each point is a listener; a hollow one missed catch trials and does not count."
    yield f"<h2>The listeners</h2>{_figure(draw_listeners(study), 'Listeners', caption)}"
    known = [one for one in study.listeners if one.expertise and one.answers and not one.excluded]
    if known:
        rows = []
        for group in sorted({one.expertise for one in known}):
            ones = [one for one in known if one.expertise == group]
            correct, answers = sum(one.correct for one in ones), sum(one.answers for one in ones)
            rows.append((group, str(len(ones)), f"{correct} of {answers}", f"{100 * correct / answers:.0f} %"))
        words = "By what listeners say of themselves; described, not tested."
        yield _table(words, ("", "listeners", "right", "share"), rows)


def _liking(study: Study) -> Iterator[str]:
    asked = [one for one in study.conditions if one.preferred is not None]
    if asked:
        rows = [
            (
                one.condition,
                f"{one.preferred} of {one.preferring}",
                f"{100 * (one.preferred or 0) / one.preferring:.0f} %",
            )
            for one in asked
        ]
        yield "<h2>Which one is liked</h2>"
        yield _table(
            "How often the person’s was liked better. This is another question.", ("", "person’s", "share"), rows
        )


def _remarks(study: Study) -> Iterator[str]:
    if study.given_away:
        shown = study.given_away[:_MOST_REMARKS]
        words = "".join(f"<blockquote>{escape(one.text)}</blockquote>" for one in shown)
        more = len(study.given_away) - len(shown)
        yield f"<h2>What gave it away, in their words</h2>{words}{f'<p>and {more} more</p>' if more else ''}"


def _terms() -> Iterator[str]:
    items = "".join(f"<dt>{escape(term)}</dt><dd>{escape(words)}</dd>" for term, words in _TERMS)
    yield f"<h2>What the numbers mean</h2><dl>{items}</dl>"


def _rules(study: Study) -> Iterator[str]:
    options = study.design.options
    yield (
        f'<h2>What was fixed beforehand</h2><p class="small">Margin {options.margin:g}; level {options.alpha:g} for '
        f"all conditions together ({escape(', '.join(options.conditions))}); {options.pairs} pairs of each a listener; "
        f"listeners who miss more than {options.caught} of {options.catches} catch trials do not count; tempos of a "
        f"pair within {options.tempo_within:.0%}, densities within a factor of {options.density_within:g}, keys within "
        f"{options.key_within} fifths; seed {study.design.seed}.<br>Fingerprint of the design: "
        f"<code>{study.design.fingerprint}</code></p>"
    )


def _figure(picture: str, label: str, caption: str) -> str:
    scrolled = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{picture}</div>'
    return f"<figure>{scrolled}<figcaption>{caption}</figcaption></figure>"


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' if name else "<td></td>" for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _range(one: Range) -> str:
    return f"{100 * one.low:.1f} to {100 * one.high:.1f}"


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"
