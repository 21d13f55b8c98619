"""The tutorial's network in mini-batches: the same 784-397-10, trained in seconds.

Reaches 98.31 % of MNIST's test images (mean of 5 seeds, sd 0.04) in 1.8 s on two cores with bfloat16, a
fiftieth of `tutorial-mlp`'s fit.
Source: the network is the tutorial's; the schedule is one cycle (Smith, Topin 2018).
"""

from typing import Final

from tenfold.recipes.recipe import Measured, TorchRecipe

RECIPE: Final = TorchRecipe(
    name="fast-mlp",
    summary="the tutorial's network, by mini-batches in seconds",
    network="perceptron",
    epochs=3,
    batch_size=384,
    learning_rate=1e-2,
    label_smoothing=0.05,
    must_reach=0.98,
)

MEASURED: Final = Measured(accuracy=0.9831, deviation=0.0004, seeds=5, seconds=1.8)
