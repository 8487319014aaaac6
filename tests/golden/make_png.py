"""Makes png.json: the pixels OpenCV gives of PNG files as MMDetection reads them.

Run: python make_png.py > png.json (pip install opencv-python-headless==5.0.0.93)
Every colour type and depth, plain and interlaced, with all five filters, is
written here (base64); cv2.imdecode with IMREAD_COLOR, mmcv's default, reads it,
its BGR turned to RGB.
"""

import base64
import json
import struct
import zlib

import cv2
import numpy as np

random = np.random.default_rng(61)
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
cases = []


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, depth):
    if depth == 16:
        return np.frombuffer(row.astype(">u2").tobytes(), np.uint8)
    bits = (row[:, None] >> np.arange(depth - 1, -1, -1)) & 1
    return np.packbits(bits.astype(np.uint8).flatten())


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, distance):
    out, above = b"", np.zeros(len(rows[0]), np.uint8)
    for number, row in enumerate(rows):
        kind = int(random.integers(5)) if number >= 5 else number
        line = []
        for i, value in enumerate(row):
            a = int(row[i - distance]) if i >= distance else 0
            c = int(above[i - distance]) if i >= distance else 0
            b = int(above[i])
            guess = [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]
            line.append((int(value) - guess) % 256)
        out += bytes([kind]) + bytes(line)
        above = row
    return out


def png(w, h, colour, depth, interlaced, transparent):
    top = 6 if colour == 3 and depth >= 4 else 2**depth
    samples = random.integers(0, min(top, 2**depth), (h, w, CHANNELS[colour]))
    distance = max(1, CHANNELS[colour] * depth // 8)
    data = b""
    for x, y, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            data += filtered([packed(r.flatten(), depth) for r in part], distance)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, interlaced))
    if colour == 3:
        file += chunk(b"PLTE", random.integers(0, 256, 3 * min(top, 2**depth)).astype(np.uint8).tobytes())
    if transparent:
        file += chunk(b"tRNS", b"\0\x80" if colour == 3 else b"\0\1" * CHANNELS[colour])
    data = zlib.compress(data)
    file += chunk(b"tEXt", b"Title\0x") + chunk(b"IDAT", data[:9]) + chunk(b"IDAT", data[9:])
    return file + chunk(b"IEND", b"")


def case(name, file):
    pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    cases.append(dict(
        name=name, source="cv2.imdecode IMREAD_COLOR",
        inputs=dict(file=base64.b64encode(file).decode()), params={},
        outputs=dict(image=dict(shape=list(pixels.shape), dtype="uint8",
                                data=[int(v) for v in pixels.flatten()])),
        gradients={}))


KINDS = {0: "grey", 2: "RGB", 3: "palette", 4: "grey and alpha", 6: "RGB and alpha"}
for colour, depths in DEPTHS.items():
    for depth in depths:
        for interlaced in [0, 1]:
            case(f"{KINDS[colour]}, {depth} bits{', interlaced' * interlaced}",
                 png(11, 9, colour, depth, interlaced, False))
for colour in [0, 2, 3]:
    case(f"{KINDS[colour]}, 8 bits, transparent colour", png(7, 6, colour, 8, 0, True))
for w, h in [(1, 1), (2, 3)]:
    case(f"RGB, 8 bits, {w}x{h}, interlaced", png(w, h, 2, 8, 1, False))
print(json.dumps(dict(cases=cases), separators=(",", ":")))
