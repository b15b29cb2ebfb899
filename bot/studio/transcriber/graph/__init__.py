"""The network's graph, written anew so that it costs a third: the same weights, the same answers but for rounding.

Two things make the original dear. Its convolutions with 1 or 8 outputs cost as much as such with 16, the width of
onnxruntime's kernels; here each gives 16 values of its neighbours at once (`packing`). And it computes 172 frames of
which 142 are kept.
"""
