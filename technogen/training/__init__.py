"""Training loops; nothing else imports this room. They log nothing and print nothing: progress goes to a callback."""

from technogen.training.composing import train_composer
from technogen.training.config import Measurement, Nats, TrainingConfig
from technogen.training.hearing import EarConfig, train_ear

__all__ = ["EarConfig", "Measurement", "Nats", "TrainingConfig", "train_composer", "train_ear"]
