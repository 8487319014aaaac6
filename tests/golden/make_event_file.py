"""Makes event_file.json: event files of scalars as TensorBoard writes them.

Run: python make_event_file.py > event_file.json (pip install tensorboard==2.21.0)
Its RecordWriter and its protocol buffers write each file (base64); its
EventAccumulator reads it, and what it reads is the values with 32 bits.
"""

import base64
import io
import json
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

START = 1767225600.0
FILES = {
    "none": [],
    "one": [("terms/ld", 1, 0.5, START + 60.25)],
    "two curves": [
        ("terms/ld", 1, 3.1415926535, START + 1),
        ("metrics/ap", 1, 0.409, START + 1),
        ("terms/ld", 2, -1e-20, START + 2),
        ("metrics/ap", 2, 0.0, START + 2),
    ],
    "step 0": [("terms/ld", 0, 1e30, START)],
    "large steps": [("a", step, 1.0, START) for step in (127, 128, 16383, 16384, 5_000_000_000, 2**53 - 1)],
    "names beyond ASCII, and long": [("LD τ 10/ap", 3, 0.25, START), ("terms/" + "x" * 200, 3, 0.25, START)],
    "not finite": [("terms/ld", 1, value, START) for value in (float("nan"), float("inf"), float("-inf"))],
}


class Buffer(io.BytesIO):
    def close(self):
        pass


cases = []
for name, scalars in FILES.items():
    buffer = Buffer()
    writer = RecordWriter(buffer)
    writer.write(Event(wall_time=START, file_version="brain.Event:2").SerializeToString())
    for tag, step, value, time in scalars:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.write(Event(wall_time=time, step=step, summary=summary).SerializeToString())
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/events.out.tfevents.0", "wb") as file:
            file.write(buffer.getvalue())
        read = EventAccumulator(folder)
        read.Reload()
        count = sum(len(read.Scalars(tag)) for tag in read.Tags()["scalars"])
        assert count == len(scalars), (name, count)
    written = [
        {"tag": tag, "step": step, "value": value if value == value and abs(value) < float("inf") else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)], "time": time}
        for tag, step, value, time in scalars
    ]
    cases.append({
        "name": name,
        "source": "tensorboard 2.21.0 RecordWriter, Event",
        "inputs": {"scalars": written, "time": START},
        "params": {},
        "outputs": {"base64": base64.b64encode(buffer.getvalue()).decode()},
    })

print(json.dumps({"cases": cases}, indent=1, ensure_ascii=False))
