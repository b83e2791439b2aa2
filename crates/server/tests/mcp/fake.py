"""An MCP server over standard input and output that misbehaves as it is told.

The first argument is what it does wrong. Its tools: `echo` answers at once, `heard` with the methods
that it has heard, `never` does not answer, and the others are described where they are.
"""

import json
import os
import sys

wrong = sys.argv[1] if len(sys.argv) > 1 else ""
heard = []
asked = {}


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def text(id, said):
    send({"id": id, "result": {"content": [{"type": "text", "text": said}]}})


def tool(name):
    return {"name": name, "inputSchema": {"type": "object"}}


def listed(id, cursor):
    if wrong == "pages":
        at = int(cursor or 0)
        page = {"tools": [tool(f"tool {at}")]}
        if at < 4:
            page["nextCursor"] = str(at + 1)
    elif wrong == "endless":
        page = {"tools": [], "nextCursor": "again"}
    elif wrong == "many":
        page = {"tools": [tool(f"t{n}") for n in range(257)]}
    elif wrong == "large":
        page = {"tools": [{**tool("t"), "description": "x" * (1024 * 1024)}]}
    elif wrong == "never":
        page = {"tools": [tool("never")]}
    elif wrong == "shapeless":
        page = {"tools": [{"name": "t", "inputSchema": "none"}]}
    else:
        page = {"tools": [tool("echo"), tool("heard")]}
    send({"id": id, "result": page})


def call(id, name, arguments):
    if name == "echo":
        text(id, arguments["message"])
    elif name == "heard":
        text(id, " ".join(heard))
    elif name == "dies":
        sys.stderr.write("out of luck\n")
        sys.stderr.flush()
        os._exit(3)
    elif name == "babbles":
        say("Started!")
        say("")
        say('{"jsonrpc": "2.0", "id": 999999, "result": {"content": []}}')
        say('{"jsonrpc": "2.0", "id": 999998, "error": {"code": 1, "message": "?"}}')
        say('{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}')
        say('{"jsonrpc": "2.0", "method": "notifications/of/its/own", "params": {}}')
        sys.stdout.buffer.write(b"\xff\xfe\n[1, 2]\n")
        text(id, "done")
    elif name == "garbles":
        say("NOT JSON")
    elif name == "odd":
        send({"id": id, "result": {"answer": 42}})
    elif name == "huge":
        text(id, "x" * (2 * 1024 * 1024))
    elif name == "too huge":
        text(id, "x" * (17 * 1024 * 1024))
    elif name == "asks":
        asked["call"], asked["said"] = id, []
        send({"id": "p", "method": "ping"})
        send({"id": "r", "method": "roots/list"})
        form = {"type": "object", "properties": {}}
        send({"id": "e", "method": "elicitation/create", "params": {"message": "?", "requestedSchema": form}})
        send({"id": "s", "method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}})
        send({"id": "o", "method": "of/its/own"})


def answered(message):
    """What the client says to the questions of `asks`."""
    what = message["error"]["code"] if "error" in message else "ok"
    asked["said"].append(f"{message['id']}={what}")
    if len(asked["said"]) == 5:
        text(asked["call"], " ".join(sorted(asked["said"])))


if wrong == "silent":
    sys.stderr.write("still fetching\n")
    sys.stderr.flush()
    say("Welcome to the server!")
if wrong == "ends":
    sys.exit("no key for the service")

for line in sys.stdin:
    message = json.loads(line)
    method = message.get("method")
    if method is None:
        if "id" in message:
            answered(message)
        continue
    heard.append(method)
    params = message.get("params", {})
    if wrong == "silent":
        continue
    if method == "initialize":
        if wrong == "modern" or wrong == "refuses":
            send({"id": message["id"], "error": {"code": -32601, "message": "not like this"}})
            continue
        send({"id": message["id"], "result": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "fake", "version": "1"},
        }})
    elif method == "server/discover" and wrong == "modern":
        send({"id": message["id"], "result": {
            "resultType": "complete",
            "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "fake", "version": "1"},
            "ttlMs": 0,
            "cacheScope": "private",
        }})
    elif method == "tools/list":
        listed(message["id"], params.get("cursor"))
    elif method == "tools/call":
        call(message["id"], params["name"], params.get("arguments", {}))
    elif "id" in message:
        send({"id": message["id"], "error": {"code": -32601, "message": "no"}})
