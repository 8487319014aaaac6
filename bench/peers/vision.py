"""torchvision's NMS on the CPU, and which build of torchvision it comes from."""

import torch

try:
    import torchvision
    from torchvision.ops import batched_nms, nms
except (OSError, RuntimeError) as error:  # a build for CUDA beside PyTorch's for the CPU
    raise ImportError(f"torchvision does not load here: {error}") from error

__all__ = ["batched_nms", "build", "nms"]


def build():
    """What a reader of the table must know about torchvision here."""
    cuda = torchvision.version.cuda
    if cuda is None or torch.version.cuda is not None:
        return f"torchvision {torchvision.__version__}"
    return (
        f"torchvision {torchvision.__version__}, built for CUDA and loaded with "
        "stand-ins for CUDA's libraries; what runs are its kernels for the CPU"
    )
