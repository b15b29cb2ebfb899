"""Writes a graph, node by node."""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 15
IR_VERSION: Final = 8
"""Old enough for each onnxruntime that this program may meet."""

WHOLE: Final = 1 << 31


class Writer:
    """A graph in the making. A value is known by its name; `input_name` is the graph's input."""

    def __init__(self, input_name: str) -> None:
        """Begin with nothing but the input."""
        self.input = input_name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node; gives its output's name."""
        name = output or f"{kind.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def numbers(self, values: ArrayLike) -> str:
        """A constant of float32."""
        return self._constant(np.asarray(values, np.float32))

    def integers(self, *values: int) -> str:
        """A constant list of int64: shapes, axes and places."""
        return self._constant(np.array(values, np.int64))

    def conv(
        self,
        value: str,
        weight: NDArray[np.float32],
        bias: ArrayLike = 0.0,
        *,
        strides: tuple[int, int],
        pads: tuple[int, int, int, int],
    ) -> str:
        """A convolution; `bias` is one for all outputs or one for each. `pads` are top, left, bottom, right."""
        biases = np.broadcast_to(np.asarray(bias, np.float32), weight.shape[:1])
        return self.op(
            "Conv",
            value,
            self.numbers(weight),
            self.numbers(biases),
            strides=strides,
            pads=pads,
            kernel_shape=weight.shape[2:],
        )

    def cut(self, value: str, start: int, stop: int, *, axis: int, step: int = 1) -> str:
        """`value[start:stop:step]` along `axis`."""
        places = [self.integers(number) for number in (start, stop, axis, step)]
        return self.op("Slice", value, *places)

    def reshape(self, value: str, *shape: int, output: str = "") -> str:
        """The same numbers in another shape."""
        return self.op("Reshape", value, self.integers(*shape), output=output)

    def transpose(self, value: str, *order: int) -> str:
        """The same numbers, axes in another order."""
        return self.op("Transpose", value, perm=order)

    def pad(self, value: str, before: int, after: int, *, mode: str = "constant") -> str:
        """Lengthen the last of four axes."""
        return self.op("Pad", value, self.integers(0, 0, 0, before, 0, 0, 0, after), mode=mode)

    def model(self, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> onnx.ModelProto:
        """The finished model; `inputs` and `outputs` are names and shapes."""
        graph = helper.make_graph(
            self._nodes, "notes", _described(inputs), _described(outputs), self._constants
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model)
        return model

    def _constant(self, values: NDArray[Any]) -> str:
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name


def _described(shapes: dict[str, list[Any]]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
