"""Configurations of the sequential models, by name. Nothing here needs JAX.

Sources: SASRec (ICDM 2018), BERT4Rec (CIKM 2019), gSASRec (RecSys 2023), personalised popularity in
sequential recommendation (RecSys 2024), LiGR blocks (arXiv 2502.03417) and eSASRec (RecSys 2025).
"""

from dataclasses import dataclass
from typing import Literal

from ritornello.settings.sequence import SequenceSettings

Loss = Literal["bce", "gbce", "sampled_softmax", "masked_softmax"]


@dataclass(frozen=True)
class Configuration:
    """One sequential model. Two models differ by these fields only.

    ``popularity`` adds personalised popularity to every logit, in training, validation and use.
    ``gated`` takes blocks whose residuals are gated by their input. ``one_table`` scores by the
    vectors that the model also reads.
    """

    loss: Loss
    popularity: bool
    heads: int = 4
    widening: int = 1
    gated: bool = False
    one_table: bool = False

    @property
    def causal(self) -> bool:
        """Return whether a position sees only the plays up to it."""
        return self.loss != "masked_softmax"

    @property
    def sigmoid(self) -> bool:
        """Return whether logits are those of a sigmoid, else those of a softmax."""
        return self.loss in ("bce", "gbce")

    def drawn(self, settings: SequenceSettings) -> int:
        """Return the number of negatives drawn per window, 1 for BCE."""
        return 1 if self.loss == "bce" else settings.negatives


PLAIN = {
    "sasrec": Configuration("bce", popularity=False),
    "gsasrec": Configuration("gbce", popularity=False),
    "bert4rec": Configuration("masked_softmax", popularity=False, heads=2, widening=4, one_table=True),
    "gated": Configuration(
        "sampled_softmax", popularity=False, widening=4, gated=True, one_table=True
    ),
}  # fmt: skip


def _configurations() -> dict[str, Configuration]:
    both = {}
    for name, plain in PLAIN.items():
        both[name] = plain
        both[f"{name}_pps"] = Configuration(**{**vars(plain), "popularity": True})
    return both


CONFIGURATIONS = _configurations()
