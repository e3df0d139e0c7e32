"""How a composer is trained, and what is measured meanwhile."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from technogen.errors import TrainingError
from technogen.generation.music_transformer import ModelConfig
from technogen.tokens import VOCABULARY


def _default_model() -> ModelConfig:
    return ModelConfig(vocabulary=len(VOCABULARY))


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a composer is trained. With `steps`, the same configuration gives the same weights.

    Attributes:
        steps: Updates; None: as many as fit into `minutes`.
        minutes: How long to train where `steps` is None.
        seed: Of the first weights, the examples and dropout.
        rows: Sequences an update.
        tokens: Tokens a sequence.
        learning_rate: The highest, reached after `warmup` updates; from there it falls as a cosine to a hundredth.
        warmup: Updates.
        weight_decay: Of matrices.
        clip: The longest gradient.
        average: How slowly the average of the weights follows, which is what is saved and validated; below 1.
        evaluate_every: Updates between validations; the state to resume from is saved then, too.
        rules_share: How many examples are patterns by rules, where there are human ones as well; 0..1.
        threads: Of torch while training.
        model: Its size.

    Raises:
        TrainingError: If a value is out of range.
    """

    steps: int | None = None
    minutes: float = 25.0
    seed: int = 0
    rows: int = 4
    tokens: int = 512
    learning_rate: float = 5e-3
    warmup: int = 100
    weight_decay: float = 0.1
    clip: float = 1.0
    average: float = 0.995
    evaluate_every: int = 100
    rules_share: float = 0.7
    threads: int = 1
    model: ModelConfig = field(default_factory=_default_model)

    def __post_init__(self) -> None:
        for name in ("rows", "tokens", "evaluate_every", "threads"):
            self._check(name, getattr(self, name), 1, 1 << 20)
        self._check("steps", 1 if self.steps is None else self.steps, 1, 1 << 30)
        self._check("seed", self.seed, 0, 1 << 62)
        self._check("warmup", self.warmup, 0, 1 << 30)
        for name, low, high in (
            ("minutes", 0.001, 1e6),
            ("learning_rate", 0.0, 1.0),
            ("weight_decay", 0.0, 100.0),
            ("clip", 1e-6, 1e6),
            ("average", 0.0, 0.999999),
            ("rules_share", 0.0, 1.0),
        ):
            self._check(name, getattr(self, name), low, high)

    def _check(self, name: str, value: float, low: float, high: float) -> None:
        whole = isinstance(low, int)
        number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            raise TrainingError(f"training {name} must be {kind} in {low:g}..{high:g}, got {value!r}")


@dataclass(frozen=True, slots=True)
class Nats:
    """How surprised a model is by music that it has not seen; less is better.

    Attributes:
        token: Nats a token.
        bar: Nats a bar, which does not depend on the tokens.
    """

    token: float
    bar: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """Where training stands.

    Attributes:
        step: Updates so far.
        share: How much of the training is over, 0..1.
        seconds: Since the start, breaks between runs left out.
        loss: Nats a token in training, mean since the last measurement.
        learning_rate: Of the last update.
        rules, human: On held-out patterns by rules and human pieces; None where not measured, or where there are none.
    """

    step: int
    share: float
    seconds: float
    loss: float
    learning_rate: float
    rules: Nats | None = None
    human: Nats | None = None
