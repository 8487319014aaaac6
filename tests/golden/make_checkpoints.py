"""Makes checkpoints/: files as torch 2.13.0 writes them, and what they hold.

Run: python make_checkpoints.py (pip install torch==2.13.0 numpy==2.4.6)
Each .pth holds meta, a state dict with tensors of every type read, views that
share a storage, strides and offsets; checkpoints.json holds the same values as
torch gives them. pickles.json holds Python objects as every protocol of the
pickle module writes them, and programs that ask for code to run.
"""

import base64
import builtins
import collections
import json
import os
import pathlib
import pickle

import numpy
import torch

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "checkpoints"


def checkpoint():
    generator = torch.Generator().manual_seed(6)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    base = draw(5, 4)
    state = collections.OrderedDict()
    state["conv.weight"] = draw(2, 3, 1, 2)
    state["conv.channels_last"] = draw(2, 3, 2, 2).contiguous(memory_format=torch.channels_last)
    state["whole"] = base
    state["transposed"] = base.t()
    state["part"] = base[1:4, 1::2]
    state["scalar"] = torch.tensor(-2.5)
    state["none"] = torch.zeros(0, 3)
    state["expanded"] = draw(2, 1).expand(2, 3)
    state["half"] = torch.tensor([0.0, -0.0, 1.5, 65504.0, 6e-8, -3.1e-5, float("inf")], dtype=torch.float16)
    state["bfloat16"] = draw(6).bfloat16()
    state["double"] = torch.tensor([0.1, -1e300, 1e-46, 16777217.0], dtype=torch.float64)
    state["int64"] = torch.tensor([-(2**31), 2**31 - 1, 0])
    state["int32"] = torch.tensor([-7, 2**31 - 1], dtype=torch.int32)
    state["uint8"] = torch.tensor([0, 255], dtype=torch.uint8)
    state["bool"] = torch.tensor([True, False, True])
    state["parameter"] = torch.nn.Parameter(draw(3))
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    return {
        "meta": {"epoch": 12, "CLASSES": ("red", "white"), "rate": numpy.float64(0.25), "size": torch.Size([3, 4])},
        "state_dict": state,
        "ema": {"whole": base},
        "optimizer": {"state": {0: {"step": 7}}, "param_groups": [{"lr": 0.01, "type": torch.float32}]},
    }


def values(tensor):
    kind = "float32" if tensor.is_floating_point() else "uint8" if tensor.dtype in (torch.uint8, torch.bool) else "int32"
    data = tensor.detach().contiguous().flatten()
    # numpy prints a float32 with just the digits that tell it from the next.
    flat = [str(v) for v in data.float().numpy()] if kind == "float32" else [int(v) for v in data]
    number = lambda v: {"inf": "Infinity", "-inf": "-Infinity"}.get(v) or float(v)
    return dict(shape=list(tensor.shape), dtype=kind, data=[number(v) if isinstance(v, str) else v for v in flat])


class Runs:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def pickles():
    shared = [1]
    plain = {
        "numbers": [0, 1, -1, 255, 256, 65536, -(2**31), 2**31, 2**53 - 1, 0.1, -1e300, True, False, None],
        "texts": ["", "ä€😀\n\\u0041'\"", "x" * 300],
        "containers": {"t": (), "u": (1,), "v": (1, 2), "w": (1, 2, 3), "x": (1, 2, 3, 4), "l": [[], {}], "d": {1: "a"}},
        "shared": [shared, shared],
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        "counter": collections.Counter("abb"),
        "long list": list(range(1100)),
    }
    bad = {
        "os.system": Runs(os.system, "exit 1"),
        "builtins.eval": Runs(builtins.eval, "1"),
        "builtins.getattr": Runs(getattr, "a", "b"),
        "pathlib.Path": pathlib.PurePosixPath("a"),
        "types": torch.nn.Linear(1, 1),
    }
    protocols = range(6)
    code = lambda value, protocol: base64.b64encode(pickle.dumps(value, protocol)).decode()
    return [
        *(dict(name=f"{n}, protocol {p}", pickle=code(v, p), value=v) for n, v in plain.items() for p in protocols),
        *(dict(name=f"code {n}, protocol {p}", pickle=code(v, p), refused=True) for n, v in bad.items() for p in protocols),
    ]


def main():
    FOLDER.mkdir(exist_ok=True)
    whole = checkpoint()
    torch.save(whole, FOLDER / "zip.pth")
    torch.save(whole, FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(whole, FOLDER / "protocol_4.pth", pickle_protocol=4)
    small = collections.OrderedDict(a=torch.tensor([1.0, 2.0]))
    torch.save(small, FOLDER / "small_zip.pth")
    torch.save(small, FOLDER / "small_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"a": Runs(os.system, "exit 1")}, FOLDER / "code_zip.pth")
    torch.save({"a": Runs(os.system, "exit 1")}, FOLDER / "code_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(1, 1), FOLDER / "module.pth")
    cases = [{"name": name, "tensors": {n: values(t) for n, t in whole["state_dict"].items()}} for name in ("zip", "legacy", "protocol_4")]
    (HERE / "checkpoints.json").write_text(json.dumps({"cases": cases}))
    (HERE / "pickles.json").write_text(json.dumps({"cases": pickles()}))


if __name__ == "__main__":
    main()
