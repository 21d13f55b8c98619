"""The default: two convolutional networks as one, for real ink, which also know what is no digit.

Reaches 99.71 % of MNIST's test images (mean of 3 seeds, sd 0.03) in 10 min on two cores with bfloat16.
Source: the networks have the shape of LeNet's successors, with batch norm; one cycle (Smith, Topin 2018),
elastic distortion (Simard et al. 2003), averaging (Ciresan et al. 2012), temperature (Guo et al. 2017).
"""

from typing import Final

from tenfold.recipes.recipe import Measured, TorchRecipe

RECIPE: Final = TorchRecipe(
    name="robust-cnn",
    summary="two networks as one, augmented; calibrated, and knows what is no digit",
    network="conv4",
    epochs=15,
    batch_size=128,
    learning_rate=6e-3,
    weight_decay=1e-2,
    label_smoothing=0.05,
    average=0.999,
    none_share=0.12,
    trial_epochs=10,
    members=2,
    widths=0.15,
    quantize=True,
    rotation=9.0,
    scaling=0.12,
    shear=0.12,
    shift=1.0,
    elastic=0.6,
    thickness=0.4,
    contrast=0.25,
    residue=0.2,
    variants=0.5,
    must_reach=0.9970,
)

MEASURED: Final = Measured(accuracy=0.9971, deviation=0.0003, seeds=3, seconds=582.0)
