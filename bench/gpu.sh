#!/bin/sh
# Everything that ldlab shows on a machine with an NVIDIA card, in this order:
#
#   devices  which card, and which of CUDA's libraries TensorFlow can load
#   golden   the tests against the reference implementations, with the tolerances
#            of the processor (TensorFloat-32 off), then a whole step with both,
#            TensorFloat-32 within 5e-2 of the largest magnitude
#   bench    the table against PyTorch, into bench/results/gpu/
#   table    Table 1a at full width, into results/full_width/
#
#   bench/gpu.sh [PART…]     all parts unless some are named
#
# Before: ./ldlab setup --cuda, or a bundle with CUDA. For `bench` without
# internet, LDLAB_BENCH_PYTHON names a Python that has PyTorch for cards,
# torchvision and safetensors. A part that fails does not stop the others; the
# script then ends with 1. Run again after it was cut off, `bench` and `table` go
# on with what is missing.
set -u
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" LDLAB_DEVICE=gpu:0
logs=bench/results/gpu
mkdir -p "$logs"
status=0

part() {
  name=$1
  shift
  printf '\n== %s (%s)\n' "$name" "$(date +%T)"
  "$@" 2>&1 | tee "$logs/$name.log"
  if [ "$(tail -n 1 "$logs/$name.log")" = "part failed" ]; then status=1; fi
}

# On a line of its own, also where a crash left half a line.
failed() { printf '\npart failed\n'; }

devices() {
  nvidia-smi || true
  deno eval '
    import { askDriver } from "ldlab/engine/nvidia_driver.ts";
    import { cudaFolders, loadCudaLibraries } from "ldlab/engine/cuda_libraries.ts";
    import { findTensorflow } from "ldlab/engine/find_tensorflow.ts";
    import { openEngine } from "ldlab/engine/mod.ts";
    console.log(askDriver());
    const missing = loadCudaLibraries(cudaFolders(findTensorflow()));
    console.log("libraries that are missing:", missing);
    console.log((await openEngine()).reason);
    Deno.exit(0);
  ' || failed
}

golden() {
  NVIDIA_TF32_OVERRIDE=0 deno test -A --no-check --quiet \
    tests/losses tests/boxes tests/regions tests/nn tests/detectors \
    tests/engine/equality/replay_test.ts &&
    deno test -A --no-check --quiet tests/engine/equality/card_test.ts || failed
}

bench() { deno run -A commands/bench.ts --device gpu --resume || failed; }

table() {
  deno run -A bench/full_width_table.ts 3 || failed
}

[ $# -gt 0 ] || set -- devices golden bench table
for name in "$@"; do
  case $name in
    devices | golden | bench | table) part "$name" "$name" ;;
    *) echo "gpu.sh: there is no part '$name'" >&2; exit 2 ;;
  esac
done
exit $status
