"""The tutorial's model: standardized pixels, one hidden layer, L-BFGS on all images at once.

Reaches 97.69 % of MNIST's test images (mean of 3 seeds, sd 0.07) in 84 s on two cores; 97.62 % with seed 0,
which takes 61 iterations.
Source: "MNIST's Handwritten Digits: I can model that" (Darian Nwankwo, 2019), whose hidden layer has
half as many units as there are features and labels together.
"""

from typing import Final

from tenfold.recipes.recipe import LbfgsRecipe, Measured

N_FEATURES: Final = 28 * 28
N_LABELS: Final = 10

RECIPE: Final = LbfgsRecipe(
    name="tutorial-mlp",
    summary="the tutorial's 784-397-10 perceptron, by scikit-learn",
    hidden_units=(N_FEATURES + N_LABELS) // 2,
    alpha=1e-5,
    max_iter=200,
    tol=1e-4,
    must_reach=0.9747,
)

MEASURED: Final = Measured(accuracy=0.9769, deviation=0.0007, seeds=3, seconds=84.0)
