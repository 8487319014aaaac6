"""Makes jpeg.json: the pixels OpenCV gives of JPEG files as MMDetection reads them.

Run: python make_jpeg.py > jpeg.json (pip install opencv-python-headless==5.0.0.93
Pillow==13.0.0)
Pillow writes the files (base64), the EXIF part is put together here so that both
byte orders and broken ones are there; cv2.imdecode with IMREAD_COLOR reads them,
which is mmcv's default, its BGR turned to RGB.
"""

import base64
import io
import json
import struct

import cv2
import numpy as np
from PIL import Image

random = np.random.default_rng(60)
small = random.integers(0, 256, (3, 4, 3)).astype(np.uint8)
picture = Image.fromarray(np.kron(small, np.ones((4, 4, 1), np.uint8)))
cases = []


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, subsampling=0, **options)
    return out.getvalue()


def exif(order, orientation, kind=3, before=b"", magic=42):
    """A TIFF directory with the software's name and the orientation."""
    mark = {"<": b"II", ">": b"MM"}[order]
    value = struct.pack(order + {3: "HH", 4: "I"}[kind], *([orientation, 0] if kind == 3 else [orientation]))
    directory = struct.pack(order + "HHHI4s", 2, 0x0131, 2, 4, b"ldl\0")
    directory += struct.pack(order + "HHI", 0x0112, kind, 1) + value
    tiff = mark + struct.pack(order + "HI", magic, 8 + len(before)) + before + directory + b"\0" * 4
    return b"Exif\0\0" + tiff


def case(name, file):
    pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    cases.append(dict(
        name=name, source="cv2.imdecode IMREAD_COLOR",
        inputs=dict(file=base64.b64encode(file).decode()), params={},
        outputs=dict(image=dict(shape=list(pixels.shape), dtype="uint8",
                                data=[int(v) for v in pixels.flatten()])),
        gradients={}))


def after_start(file, *segments):
    parts = b"".join(b"\xff\xe1" + struct.pack(">H", len(s) + 2) + s for s in segments)
    return file[:2] + parts + file[2:]


plain = jpeg(picture)
case("no orientation", plain)
for orientation in range(1, 9):
    for order, name in [(">", "big"), ("<", "little")]:
        if order == "<" and orientation % 2:
            continue
        case(f"orientation {orientation}, {name} end first",
             after_start(plain, exif(order, orientation)))
case("orientation 0", after_start(plain, exif("<", 0)))
case("orientation 9", after_start(plain, exif("<", 9)))
case("orientation 6, directory not at once", after_start(plain, exif("<", 6, before=b"\0" * 10)))
case("orientation 6, after a segment of other kind", after_start(plain, b"http://ns.adobe.com/xap/1.0/\0<x/>", exif(">", 6)))
case("orientation 6, cut off", after_start(plain, exif(">", 6)[:20]))
case("orientation 8, progressive", after_start(jpeg(picture, progressive=True), exif(">", 8)))
case("grey", jpeg(picture.convert("L")))
case("grey, orientation 6", after_start(jpeg(picture.convert("L")), exif(">", 6)))
print(json.dumps(dict(cases=cases), separators=(",", ":")))
