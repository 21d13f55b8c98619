"""A small convolutional network in one pass over the images: for a first try, and for many.

Reaches 99.26 % of MNIST's test images (mean of 10 seeds, sd 0.04) in 4.1 s on two cores without bfloat16.
Source: one cycle with a high rate (Smith, Topin 2018); a norm that only shifts, and label smoothing for a
short run, are of K. Jordan's "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024.
"""

from typing import Final

from tenfold.recipes.recipe import Measured, TorchRecipe

RECIPE: Final = TorchRecipe(
    name="fast-cnn",
    summary="three convolutions, one pass over the images",
    network="conv3",
    epochs=1,
    batch_size=256,
    learning_rate=4e-2,
    label_smoothing=0.1,
    must_reach=0.99,
)

MEASURED: Final = Measured(accuracy=0.9926, deviation=0.0004, seeds=10, seconds=4.1)
