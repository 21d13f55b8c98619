"""A small convolutional network in one pass over the images: for a first try, and for many.

Reaches 99.20 % of MNIST's test images (mean of 10 seeds, sd 0.05) in 2.3 s on two cores with bfloat16.
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

MEASURED: Final = Measured(accuracy=0.9920, deviation=0.0005, seeds=10, seconds=2.3)
