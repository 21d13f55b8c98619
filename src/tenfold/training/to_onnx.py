"""Turn fitted models into ONNX graphs of the model file's contract."""

from typing import TYPE_CHECKING, Final

import numpy as np

from tenfold.errors import MissingExtraError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

N_OUTPUTS: Final = 11

_PERCEPTRON: Final = """
<ir_version: 10, opset_import: ["" : 18]>
tenfold (uint8[n, 28, 28] images) => (float[n, 11] probabilities, float[n, {hidden}] embedding)
{{
    pixels = Cast <to = 1> (images)
    rows = Flatten <axis = 1> (pixels)
    centered = Sub (rows, mean)
    standardized = Div (centered, scale)
    activation = Gemm (standardized, hidden_weights, hidden_bias)
    embedding = Relu (activation)
    logits = Gemm (embedding, output_weights, output_bias)
    digits = Softmax <axis = 1> (logits)
    probabilities = MatMul (digits, add_none)
}}
"""


def perceptron_to_onnx(pipeline: "Pipeline") -> bytes:
    """Convert a fitted scaler and perceptron into one graph.

    Parameters
    ----------
    pipeline : Pipeline
        A fitted `StandardScaler` and an `MLPClassifier` with one hidden layer, trained on the labels 0–9
        or some of them.

    Returns
    -------
    bytes
        A serialized ONNX model without a card. It computes in float32. The class `none`, and digits
        that were not among the labels, have probability zero.

    Raises
    ------
    MissingExtraError
        onnx is not installed.
    """
    try:
        import onnx
        from onnx import numpy_helper, parser
    except ImportError as error:
        raise MissingExtraError("onnx", "train") from error

    scaler, perceptron = (step for _, step in pipeline.steps)
    (hidden_weights, output_weights), (hidden_bias, output_bias) = perceptron.coefs_, perceptron.intercepts_
    model = parser.parse_model(_PERCEPTRON.format(hidden=hidden_weights.shape[1]))
    tensors = {
        "mean": scaler.mean_,
        "scale": scaler.scale_,
        "hidden_weights": hidden_weights,
        "hidden_bias": hidden_bias,
        "output_weights": output_weights,
        "output_bias": output_bias,
        "add_none": np.eye(N_OUTPUTS)[perceptron.classes_],
    }
    model.graph.initializer.extend(
        numpy_helper.from_array(array.astype(np.float32), name) for name, array in tensors.items()
    )
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
