"""Ten convolutional networks averaged in one graph: the fewest errors, for those who can wait.

Source: averaging networks that differ by their first weights and by their draws (Ciresan, Meier, Schmidhuber
2012); the rest is that of `robust-cnn`, for clean digit images alone.
"""

from typing import Final

from tenfold.recipes.recipe import TorchRecipe

RECIPE: Final = TorchRecipe(
    name="committee",
    summary="ten networks averaged in one file; the fewest errors on MNIST",
    network="conv4",
    epochs=20,
    batch_size=128,
    learning_rate=6e-3,
    weight_decay=1e-2,
    label_smoothing=0.05,
    average=0.999,
    trial_epochs=4,
    members=10,
    rotation=10.0,
    scaling=0.1,
    shear=0.1,
    shift=1.0,
    elastic=0.6,
    thickness=0.3,
    must_reach=0.9982,
)
