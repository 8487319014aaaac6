"""Makes dota.json: how MMRotate cuts images and labels of DOTA into patches.

Run: python make_dota.py > dota.json (pip install shapely==2.2.0
opencv-python-headless==5.0.0.93 Pillow==13.0.0; pip install --no-deps
mmrotate==0.3.4)
The functions are those of its tools/data/dota/split/img_split.py, which the
package holds. Corners are multiples of 1/4, so that its float32 is exact.
"""

import base64
import importlib.util
import json
import math
import os
import random
import sys
import tempfile

import cv2
import numpy as np
from shapely.geometry import Polygon

folder = importlib.util.find_spec("mmrotate").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location(
    "img_split", os.path.join(folder, ".mim/tools/data/dota/split/img_split.py"))
img_split = importlib.util.module_from_spec(spec)
spec.loader.exec_module(img_split)

PADDING = (104, 116, 124)  # BGR, as in the configs of DOTA
CASES = [
    # name, width, height, size, gap, threshold, objects
    ("smaller than a patch", 40, 25, 64, 12, 0.7, 12),
    ("wide and low", 150, 40, 64, 12, 0.7, 25),
    ("both sides", 150, 117, 64, 20, 0.7, 40),
    ("as long as two patches", 116, 64, 64, 12, 0.7, 15),
    ("half is enough", 97, 130, 48, 0, 0.5, 40),
]


def quadrilateral(draw, width, height):
    x, y = draw.uniform(-10, width + 10), draw.uniform(-10, height + 10)
    angle = draw.uniform(0, 2 * math.pi)
    long, short = draw.uniform(2, 45), draw.uniform(2, 25)
    corners = [(long, short), (-long, short), (-long, -short), (long, -short)]
    if draw.random() < 0.3:  # not a rectangle, perhaps not convex
        corners = [(draw.uniform(-1, 1) * long, draw.uniform(-1, 1) * short)
                   for _ in range(4)]
    cos, sin = math.cos(angle) / 2, math.sin(angle) / 2
    points = [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners]
    return [round(4 * v) / 4 for point in points for v in point]


def make(seed, name, width, height, size, gap, threshold, count):
    draw = random.Random(seed)
    lines = ["imagesource:GoogleEarth", "gsd:0.146343590398"]
    while len(lines) < count + 2:
        polygon = quadrilateral(draw, width, height)
        shape = Polygon(np.reshape(polygon, (4, 2)))
        x1, y1, x2, y2 = shape.bounds
        if not shape.is_valid or shape.area == 0:
            continue
        if x1 >= width or y1 >= height or x2 <= 0 or y2 <= 0:
            continue
        name_of = draw.choice(["plane", "ship", "harbor"])
        lines.append(" ".join([*map(str, polygon), name_of, draw.choice("0001")]))
    text = "\n".join(lines) + "\n"
    image = np.random.default_rng(seed).integers(
        0, 256, (math.ceil(height / 8), math.ceil(width / 8), 3)).astype(np.uint8)
    image = np.kron(image, np.ones((8, 8, 1), np.uint8))[:height, :width]
    with tempfile.TemporaryDirectory() as root:
        for part in ("images", "labelTxt", "patches", "annfiles"):
            os.mkdir(os.path.join(root, part))
        file = os.path.join(root, "images", "P0.png")
        cv2.imwrite(file, image)
        with open(os.path.join(root, "labelTxt", "P0.txt"), "w") as stream:
            stream.write(text)
        info = img_split._load_dota_single(
            "P0.png", os.path.join(root, "images"), os.path.join(root, "labelTxt"))
        windows = img_split.get_sliding_window(info, [size], [gap], 0.6)
        found = img_split.get_window_obj(info, windows, threshold)
        patches = img_split.crop_and_save_img(
            info, windows, found, os.path.join(root, "images"), False, PADDING,
            os.path.join(root, "patches"), os.path.join(root, "annfiles"), ".png")
        outputs = []
        for patch in patches:
            pixels = cv2.imread(os.path.join(root, "patches", patch["filename"]))
            outputs.append({
                "id": patch["id"], "left": patch["x_start"], "top": patch["y_start"],
                "width": patch["width"], "height": patch["height"],
                "polygons": patch["ann"]["bboxes"].tolist(),
                "names": patch["ann"]["labels"],
                "difficult": patch["ann"]["diffs"].tolist(),
                "truncated": patch["ann"]["trunc"].astype(int).tolist(),
                # The mean of each channel, RGB, and the pixel in the last row.
                "mean": pixels.mean((0, 1))[::-1].tolist(),
                "last": pixels[-1, -1, ::-1].tolist(),
            })
        with open(file, "rb") as stream:
            png = base64.b64encode(stream.read()).decode()
    return {"name": name, "source": "mmrotate img_split",
            "inputs": {"image": png, "labels": text},
            "params": {"size": size, "overlap": gap, "minimumOverlap": threshold},
            "outputs": {"patches": outputs}, "gradients": None}


json.dump({"cases": [make(seed, *case) for seed, case in enumerate(CASES)]},
          sys.stdout, separators=(",", ":"))
