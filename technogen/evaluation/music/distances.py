"""How far the distributions of two sets are apart: overlap, divergence, shift; bare numbers in, bare numbers out."""

from __future__ import annotations

import numpy as np

from technogen.evaluation.music.grid import Floats

_BINS = 256
_LEAST_BINS = 1.5


def jensen_shannon(first: Floats, second: Floats) -> float:
    """The Jensen-Shannon distance of two profiles: 0 the same, 1 nothing in common; they need not sum to 1.

    References:
        Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on Information Theory 37, 1991;
        Endres and Schindelin, "A New Metric for Probability Distributions", ibid. 49, 2003 (its root is a metric).
    """
    if not first.sum() or not second.sum():
        return float("nan")
    p, q = first / first.sum(), second / second.sum()
    return float(np.sqrt(max((_divergence(p, (p + q) / 2) + _divergence(q, (p + q) / 2)) / 2, 0)))


def overlap_area(first: Floats, second: Floats) -> float:
    """The area under both of two densities, 0..1, by Gaussian kernels of Scott's width.

    References:
        Yang and Lerch, "On the Evaluation of Generative Models in Music", Neural Computing and Applications 32, 2020.
    """
    return overlap_and_divergence(first, second)[0]


def overlap_and_divergence(first: Floats, second: Floats) -> tuple[float, float]:
    """The overlap area of two samples and the Kullback-Leibler divergence of the first from the second, in nats."""
    low, high = min(first.min(), second.min()), max(first.max(), second.max())
    if high - low < 1e-9:
        return 1.0, 0.0
    margin = 0.2 * (high - low)
    edges = np.linspace(low - margin, high + margin, _BINS + 1)
    p, q = (_density(values, edges) for values in (first, second))
    return float(np.minimum(p, q).sum()), float((p * np.log((p + 1e-9) / (q + 1e-9))).sum())


def yang_lerch(generated: Floats, reference: Floats, same_song: Floats) -> tuple[float, float]:
    """Overlap and divergence of two sets of distances: generated to reference, and reference to reference.

    Args:
        generated: One feature of the generated windows.
        reference: Of the reference's.
        same_song: Which windows of the reference are of one song, (n, n): those distances are left out.

    References:
        Yang and Lerch, as in `overlap_area`.
    """
    within = np.abs(reference[:, None] - reference)[np.triu(~same_song.astype(bool), 1)]
    between = np.abs(generated[:, None] - reference).ravel()
    if not len(within) or not len(between):
        return float("nan"), float("nan")
    return overlap_and_divergence(between, within)


def shift(first: Floats, second: Floats, spread: float) -> float:
    """The difference of the means, as a share of a spread: usually the standard deviation of the reference."""
    return float((first.mean() - second.mean()) / spread)


def _density(values: Floats, edges: Floats) -> Floats:
    from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415

    counts = np.histogram(values, edges)[0].astype(float)
    width = values.std() * len(values) ** -0.2 / (edges[1] - edges[0])
    smooth: Floats = gaussian_filter1d(counts, max(float(width), _LEAST_BINS), mode="constant", truncate=5)
    smooth /= smooth.sum()
    return smooth


def _divergence(p: Floats, q: Floats) -> float:
    known = p > 0
    return float((p[known] * np.log2(p[known] / q[known])).sum())
