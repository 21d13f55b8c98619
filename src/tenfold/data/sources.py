"""Where the named datasets come from: addresses, checksums, licences."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class SourceFile:
    """One file of a dataset: its name, and size and sha256 of its uncompressed bytes."""

    name: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """A dataset whose bytes are known in advance.

    Attributes
    ----------
    mirrors : tuple of str
        Addresses that hold ``NAME.gz`` for each file, tried in this order. Empty where the files
        come with the package.
    disputed : tuple of int
        Positions in the test split, from 0, whose labels people who were asked did not confirm. They stay
        in every figure; a figure without them says so.
    """

    name: str
    title: str
    n_train: int
    n_test: int
    license: str
    homepage: str
    files: tuple[SourceFile, ...]
    mirrors: tuple[str, ...] = ()
    disputed: tuple[int, ...] = ()


MNIST: Final = Source(
    name="mnist",
    title="MNIST: handwritten digits of NIST's Special Databases 1 and 3",
    n_train=60_000,
    n_test=10_000,
    license="CC BY-SA 3.0 (LeCun, Cortes, Burges)",
    homepage="http://yann.lecun.com/exdb/mnist/",
    files=(
        SourceFile(
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        SourceFile(
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        SourceFile(
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        SourceFile(
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    # C. Northcutt, A. Athalye, J. Mueller, "Pervasive label errors in test sets destabilize machine learning
    # benchmarks", NeurIPS 2021: a majority of raters gives the first ten another label, the last five none.
    disputed=(947, 1621, 1901, 2462, 2597, 3558, 5937, 6651, 6783, 9729, 2130, 2654, 3520, 8527, 9679),
)

DIGITS: Final = Source(
    name="digits",
    title="1,797 digits of 8×8 pixels, as scikit-learn carries them",
    n_train=1_438,
    n_test=359,
    license="CC BY 4.0 (Alpaydin, Kaynak: Optical Recognition of Handwritten Digits, UCI)",
    homepage="https://archive.ics.uci.edu/dataset/80/",
    files=(
        SourceFile(
            "digits-images-idx3-ubyte",
            115_024,
            "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96",
        ),
        SourceFile(
            "digits-labels-idx1-ubyte",
            1_805,
            "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad",
        ),
    ),
)

SOURCES: Final = {source.name: source for source in (MNIST, DIGITS)}
