"""Makes checkpoints/mmengine.pth: weights beside the logs of mmengine 0.10.7.

Run: python make_mmengine_checkpoint.py (pip install torch==2.13.0 mmengine==0.10.7)
Runners keep their logs, objects of mmengine's own with NumPy arrays, in every
checkpoint; `info` holds arrays in both orders and of several types.
"""

import pathlib

import numpy
import torch
from mmengine.logging import MessageHub

hub = MessageHub("golden")
for loss in (0.5, 0.25):
    hub.update_scalar("train/loss", loss)
arrays = {
    "rows": numpy.arange(6, dtype=numpy.int64).reshape(2, 3),
    "columns": numpy.asfortranarray(numpy.arange(6, dtype=numpy.float32).reshape(2, 3)),
    "flags": numpy.array([True, False]),
}
torch.save(
    {"state_dict": {"w": torch.tensor([1.0, 2.0])}, "message_hub": hub.state_dict(), "info": arrays},
    pathlib.Path(__file__).parent / "checkpoints" / "mmengine.pth",
)
