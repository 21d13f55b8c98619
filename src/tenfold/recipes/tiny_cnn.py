"""A model for a web page: four narrow convolutions, their weights in 8 bits, 49 kB in all.

Reaches 99.54 % of MNIST's test images (mean of 3 seeds, sd 0.05) in 230 s on two cores with bfloat16.
Source: one of `robust-cnn`'s networks at a fifth of its size; quantization per channel (Krishnamoorthi 2018).
"""

from typing import Final

from tenfold.recipes.recipe import Measured, TorchRecipe

RECIPE: Final = TorchRecipe(
    name="tiny-cnn",
    summary="four narrow convolutions in 8 bits, for a web page",
    network="conv4-small",
    epochs=20,
    batch_size=128,
    learning_rate=6e-3,
    weight_decay=1e-2,
    label_smoothing=0.05,
    average=0.999,
    none_share=0.1,
    trial_epochs=5,
    quantize=True,
    rotation=9.0,
    scaling=0.12,
    shear=0.12,
    shift=1.0,
    elastic=0.6,
    thickness=0.4,
    contrast=0.25,
    must_reach=0.994,
)

MEASURED: Final = Measured(accuracy=0.9954, deviation=0.0005, seeds=3, seconds=230.0)
