"""Settings of the sequential models: their size, their training and when it ends."""

from typing import Annotated

from pydantic import Field

from ritornello.settings.section import Count, Positive, Section


class SequenceSettings(Section):
    """The sequential models (SASRec, gSASRec, BERT4Rec and the gated one).

    The defaults suit two cores and a few minutes a model; ``conf/sequence-paper.yaml`` has those of
    the paper, for a machine with an accelerator.
    """

    enabled: bool = Field(
        False,
        description="let comparisons train the sequential models; they need the extra `sequence` "
        "(make sequence installs it)",
    )
    window: Annotated[int, Field(ge=2)] = Field(
        100, description="number of last plays that a model reads; longer histories are cut"
    )
    dimensions: Annotated[int, Field(ge=4, multiple_of=4)] = Field(
        64, description="width of the network; four heads share it"
    )
    layers: Count = Field(2, description="number of Transformer blocks")
    dropout: Annotated[float, Field(ge=0, lt=1)] = Field(0.2, description="share of units dropped")
    batch: Count = Field(64, description="number of windows in a training step")
    steps_per_epoch: Count = Field(
        128, description="largest number of training steps between two validations"
    )
    epochs: Count = Field(200, description="largest number of validations")
    patience: Count = Field(
        5, description="validations in a row without a better NDCG@10 after which training ends"
    )
    minutes: Positive = Field(
        5.0, description="longest training of one model; the best weights until then are used"
    )
    learning_rate: Positive = Field(1e-3, description="step size of Adam")
    negatives: Count = Field(
        256, description="unplayed items drawn per window where a model's loss takes several"
    )
    calibration: Annotated[float, Field(ge=0, le=1)] = Field(
        0.75, description="t of gSASRec's loss: 0 is plain BCE, 1 removes overconfidence"
    )
    mask_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.2, description="share of plays that BERT4Rec hides; the last one is always hidden"
    )
    full_softmax_items: Count = Field(
        20_000,
        description="largest catalogue for which BERT4Rec's loss weighs every item; above, it draws "
        "`negatives`",
    )
    eps: Positive = Field(
        0.01, description="smoothing of personalised popularity: a small one trusts counts more"
    )
    validation_listeners: Count = Field(
        2048,
        description="largest number of listeners whose newest plays choose the weights, never more "
        "than a tenth of all; if that is fewer than 100, all listeners",
    )
    seed: int = Field(42, description="random seed of weights, windows, negatives and dropout")
