"""The default: a small convolutional network for real ink, which also knows what is no digit.

Reaches 99.60 % of MNIST's test images (seed 0 alone) in 16 min on two cores without bfloat16, the trial that
calibrates included. What it must reach, 99.70 % on the mean of 3 seeds, is still ahead.
Source: the network has the shape of LeNet's successors, with batch norm; one cycle (Smith, Topin 2018),
elastic distortion (Simard et al. 2003), temperature (Guo et al. 2017).
"""

from typing import Final

from tenfold.recipes.recipe import TorchRecipe

RECIPE: Final = TorchRecipe(
    name="robust-cnn",
    summary="four convolutions, augmented; calibrated, and knows what is no digit",
    network="conv4",
    epochs=18,
    batch_size=256,
    learning_rate=6e-3,
    weight_decay=1e-2,
    label_smoothing=0.05,
    average=0.998,
    none_share=0.1,
    calibrate=True,
    rotation=10.0,
    scaling=0.12,
    shear=0.15,
    shift=1.5,
    elastic=0.6,
    thickness=0.5,
    contrast=0.3,
    must_reach=0.9970,
)
