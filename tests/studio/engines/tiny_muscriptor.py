"""MuScriptor's own server code around a network of 200 000 weights at random: it hears nothing right, and answers as the real one.

Its one argument is the port. Beats are not looked for, because that would fetch another network.
"""

import sys

import torch
import uvicorn  # type: ignore[import-not-found]  # in its own Python
from muscriptor.server import create_app  # type: ignore[import-not-found]  # in its own Python
from muscriptor.tokenizer.mt3 import MT3Tokenizer  # type: ignore[import-not-found]  # in its own Python
from muscriptor.transcription_model import (  # type: ignore[import-not-found]  # in its own Python
    TranscriptionModel,
    _build_model,
    _ModelConfig,
)

torch.manual_seed(4)
torch.set_num_threads(1)
device = torch.device("cpu")
network = _build_model(device, _ModelConfig(dim=32, num_heads=2, num_layers=1, card=1393))
network.eval()
model = TranscriptionModel(
    network, MT3Tokenizer(instrument_vocabulary="MT3_FULL_PLUS", max_shift_steps=1001), device
)
model.detect_beat_grid_for = lambda *_: None
uvicorn.run(create_app(model), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
