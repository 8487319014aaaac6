# Starts the project's Deno kernel for a notebook in any folder. Jupyter runs it
# as the kernel.json says that ./ldlab kernel install writes:
#   /bin/sh start.sh CONNECTION-FILE
set -eu
folder=$PWD
kernel=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(dirname "$kernel")")
if ! [ -x "$root/.venv/bin/deno" ]; then
  printf '%s\n' "ldlab: $root is not set up. Run $root/ldlab setup" >&2
  exit 1
fi
export PATH="$root/.venv/bin:$PATH"
export TF_CPP_MIN_LOG_LEVEL="${TF_CPP_MIN_LOG_LEVEL:-2}"

# Stop is SIGINT, which ends a Deno that does not listen to it. What is ignored
# here stays so in the kernel from its first moment; its listeners hear it still.
trap '' INT

# Imports are those of the deno.json that is found from where the kernel starts;
# its first evaluation then goes to the notebook's folder.
cd "$root"
deno run -A --no-config --quiet "$kernel/first_evaluation.ts" "$1" "$folder" &
exec deno jupyter --kernel --conn "$1"
