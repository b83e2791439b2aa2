#!/usr/bin/env python3
"""A tool for agents: counts the words, sentences and minutes of a text.

Callboard starts it for each call, writes the arguments as one line of JSON to its standard input, and
takes what it writes to standard output as the result. A status other than zero is a failure, which the
agent is told with the last words on standard error.

With COUNT_LOG in its environment it adds a line about each call to that file.
"""

import json
import os
import re
import sys

# What most people read in a minute.
WORDS_PER_MINUTE = 230


def count(text):
    words = re.findall(r"\w+(?:['’-]\w+)*", text)
    sentences = re.findall(r"[.!?…]+(?=\s|$)", text)
    minutes = round(len(words) / WORDS_PER_MINUTE, 1)
    return {"words": len(words), "sentences": len(sentences), "minutes": minutes}


def log(path, counted):
    # CALLBOARD_CALL says which call of which run this is.
    line = {"call": os.environ.get("CALLBOARD_CALL"), **counted}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def main():
    arguments = json.load(sys.stdin)
    counted = count(arguments["text"])
    if path := os.environ.get("COUNT_LOG"):
        log(path, counted)
    print(json.dumps(counted))


if __name__ == "__main__":
    main()
