"""Runs one peer for the benchmark, as it is told on stdin.

    python serve.py MODULE

MODULE, a file beside this one, has a class `Peer`. Each line on stdin is one
call, {"method": "once", "arguments": {...}}; the method "open" makes the Peer.
Each is answered by one line on stdout: {"result": ...}, {"error": "..."}, or
{"absent": "..."} where a package is missing. The process waits, without work,
between calls; it ends when stdin does.
"""

import importlib
import json
import os
import sys
import traceback


def main():
    # Whatever libraries print goes to stderr: stdout is for answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = None
    for line in sys.stdin:
        call = json.loads(line)
        try:
            if call["method"] == "open":
                peer = importlib.import_module(sys.argv[1]).Peer(**call["arguments"])
                result = None
            else:
                result = getattr(peer, call["method"])(**call["arguments"])
            answer = {"result": result}
        except ImportError as error:
            answer = {"absent": f"{type(error).__name__}: {error}"}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
