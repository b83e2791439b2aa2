"""Serves a small real language model over an OpenAI-compatible API, for as long as a test needs it.

Usage: real_model.py PATH_OF_THE_GGUF_FILE

When the server answers, one line of JSON is written to standard output:
{"base_url": "http://127.0.0.1:PORT/v1", "model": "NAME"}. The process ends when its standard input
closes, so a test that dies takes its server with it. What the library says goes to standard error.
"""

import json
import os
import sys
from pathlib import Path

# Each of the parallel slots gets this much of the context; the model was trained on twice as much.
SLOT_TOKENS = 4096
SLOTS = 2


def parameters(gguf: Path, xllamacpp):
    params = xllamacpp.CommonParams()
    params.model.path = str(gguf)
    params.model_alias = {gguf.stem}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = SLOTS
    params.n_ctx = SLOT_TOKENS * SLOTS
    # Without a temperature and without what earlier prompts left behind, the same prompt gives the
    # same answer on the same machine.
    params.sampling.temp = 0.0
    params.cache_prompt = False
    return params


def main() -> None:
    # The library prints to standard output from C++, so its file descriptor is moved out of the way.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    import xllamacpp

    gguf = Path(sys.argv[1])
    server = xllamacpp.Server(parameters(gguf, xllamacpp))
    print(json.dumps({"base_url": f"{server.listening_address}/v1", "model": gguf.stem}), file=answers, flush=True)
    sys.stdin.buffer.read()
    # The library's threads do not all end by themselves.
    os._exit(0)


main()
