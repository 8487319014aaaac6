"""PyTorch's two memory layouts of images, eager or compiled, and which is the
fastest for a piece of work; and how a card is used."""

import gc
import sys

import torch

LAYOUTS = {
    "contiguous": torch.contiguous_format,
    "channels_last": torch.channels_last,
}


COMPILED = ", torch.compile"


def form_of(layout):
    """The memory format of a layout's name, and whether it is to be compiled."""
    return LAYOUTS[layout.removesuffix(COMPILED)], layout.endswith(COMPILED)


def use_device(device):
    """Makes a device what PyTorch's users make of a card: TF32 and its tuner on."""
    if device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    return torch.device(device)


def round_filters(network):
    """Rounds a frozen network's filters once, as autocast would in every step."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.to(torch.bfloat16)


def peak_memory(device):
    """Bytes of the card that PyTorch has held at most; None on the processor."""
    return torch.cuda.max_memory_reserved() if device.type == "cuda" else None


def fastest(peer, repeats=4, compiled=False):
    """Times a peer in both layouts, and compiled where asked for and possible, and
    leaves it in the fastest way, at its start."""
    times = {}
    failed = {}
    ways = [*LAYOUTS, *(layout + COMPILED for layout in LAYOUTS if compiled)]
    for layout in ways:
        try:
            peer.use(layout)
            peer.once()
            times[layout] = min(peer.once() for _ in range(repeats))
        except Exception as error:
            if not layout.endswith(COMPILED):
                raise
            failed[layout] = f"{type(error).__name__}: {error}"[:200]
            print(f"{layout}: {failed[layout]}", file=sys.stderr)
    best = min(times, key=times.get)
    peer.use(best)
    if peer.device.type == "cuda":  # what the other ways held is not the best one's
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    return {"layout": best, "milliseconds": times, "failed": failed}
