"""Makes torchvision_names.json: names and shapes of torchvision 0.28.0's ResNets.

Run: python make_torchvision_names.py > torchvision_names.json
(pip install torch==2.13.0 torchvision==0.28.0)
"""

import json
import torch
import torchvision

with torch.device("meta"):
    cases = [
        {
            "name": name,
            "tensors": {
                key: list(value.shape)
                for key, value in getattr(torchvision.models, name)().state_dict().items()
            },
        }
        for name in ("resnet18", "resnet50")
    ]
print(json.dumps({"cases": cases}))
