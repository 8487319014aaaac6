"""Makes jpeg_cmyk.json: the pixels OpenCV gives of JPEG files of four channels.

Run: python make_jpeg_cmyk.py > jpeg_cmyk.json (pip install
opencv-python-headless==5.0.0.93 Pillow==13.0.0)
Pillow writes the files (base64), all of Adobe's transform 0, CMYK. Another
transform is written over it, or the segment left out: the same data then mean
other colours. cv2.imdecode with IMREAD_COLOR reads them, its BGR turned to RGB.
"""

import base64
import io
import json
import struct

import cv2
import numpy as np
from PIL import Image

random = np.random.default_rng(61)
cases = []


def picture(width, height, kind):
    if kind == "noise":
        pixels = random.integers(0, 256, (height, width, 4))
    else:
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        pixels = np.stack([127 + 127 * np.sin(x / 5 + y / 9 * c + c) for c in range(4)], -1)
    return Image.fromarray(pixels.astype(np.uint8), "CMYK")


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 85, "subsampling": 0, **options})
    return out.getvalue()


def with_transform(file, transform):
    """Adobe's segment with another transform, or, with None, left out."""
    at = file.index(b"\xff\xee")
    end = at + 2 + struct.unpack(">H", file[at + 2:at + 4])[0]
    if transform is None:
        return file[:at] + file[end:]
    return file[:end - 1] + bytes([transform]) + file[end:]


def with_orientation(file, orientation):
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    segment = b"Exif\0\0" + tiff
    return file[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + file[2:]


def case(name, file):
    pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    cases.append(dict(
        name=name, source="cv2.imdecode IMREAD_COLOR",
        inputs=dict(file=base64.b64encode(file).decode()), params={},
        outputs=dict(image=dict(shape=list(pixels.shape), dtype="uint8",
                                data=[int(v) for v in pixels.flatten()])),
        gradients={}))


SIZES = [(37, 29), (48, 32), (5, 3), (3, 20), (1, 1)]
for width, height in SIZES:
    for kind in ("noise", "waves"):
        image = picture(width, height, kind)
        name = f"{kind}, {width}x{height}"
        case(f"CMYK, {name}", jpeg(image))
        for subsampling in (1, 2):
            case(f"YCCK, {name}, subsampling {subsampling}",
                 with_transform(jpeg(image, subsampling=subsampling), 2))
image = picture(37, 29, "waves")
noise = picture(37, 29, "noise")
case("without Adobe's segment", with_transform(jpeg(image), None))
case("Adobe's transform 1", with_transform(jpeg(image), 1))
case("coarse", jpeg(noise, quality=3))
case("fine", jpeg(noise, quality=100))
case("own Huffman tables", jpeg(noise, optimize=True))
for subsampling in (0, 1, 2):
    case(f"progressive, subsampling {subsampling}",
         with_transform(jpeg(noise, progressive=True, subsampling=subsampling), 2))
case("progressive, waves", jpeg(image, progressive=True, quality=95))
case("restarts by rows", jpeg(noise, restart_marker_rows=1, subsampling=2))
case("restarts by blocks", jpeg(noise, restart_marker_blocks=2))
case("progressive, restarts", jpeg(noise, progressive=True, restart_marker_blocks=3, subsampling=2))
for orientation in (2, 3, 4, 5, 6, 7, 8):
    case(f"orientation {orientation}", with_orientation(jpeg(picture(9, 5, "waves")), orientation))
print(json.dumps(dict(cases=cases), separators=(",", ":")))
