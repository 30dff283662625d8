#!/usr/bin/env python3
"""messages: compares Specs/troubleshooting.md with the errors of the sources, and prints each difference.

  messages.py [DIRECTORY]

Each text of an error has a quote in backticks on the page, and each quote of the page is part of a text in Sources. An
ellipsis (…) in a quote stands for any words. Exit codes: 0 no difference, 1 a difference was printed.
"""
import glob
import os
import re
import sys

SHORTEST = 12  # letters of a text that is a message of its own
# Files whose texts are errors that a person reads.
ERRORS = ("Sources/*/*Error*.swift", "Sources/*/*/*Error*.swift", "Sources/Transport/UDP/PeerReason.swift")
# Between the parts of one text.
JOINED = re.compile(r'"\s*\+\s*"')


def literals(source):
    """The string literals of Swift source, with each interpolation as an ellipsis."""
    source = re.sub(r"(?m)^\s*//.*$", "", source)
    i = 0
    while i < len(source):
        if source.startswith('"""', i):
            end = source.index('"""', i + 3)
            text = re.sub(r"\\\n\s*", "", source[i + 3:end])
            yield holes(re.sub(r"\s*\n\s*", " ", text).strip())
            i = end + 3
        elif source[i] == '"':
            end = closing(source, i + 1)
            text = source[i + 1:end]
            while joined := JOINED.match(source, end):
                begin, end = joined.end(), closing(source, joined.end())
                text += source[begin:end]
            yield holes(text)
            i = end + 1
        else:
            i += 1


def closing(source, i):
    """Where the literal ends whose first character is at `i`."""
    depth = 0
    while depth or source[i] != '"':
        if source.startswith("\\(", i):
            depth, i = depth + 1, i + 2
            continue
        if depth:
            depth += (source[i] == "(") - (source[i] == ")")
        elif source[i] == "\\":
            i += 1
        i += 1
    return i


def holes(text):
    out, i = "", 0
    while i < len(text):
        if not text.startswith("\\(", i):
            out += text[i + 1] if text[i] == "\\" else text[i]
            i += 2 if text[i] == "\\" else 1
            continue
        depth, i = 1, i + 2
        while depth:
            depth += (text[i] == "(") - (text[i] == ")")
            i += 1
        out += "…"
    return out


def is_message(text):
    """Not a counter's name, not a few letters between interpolations, and not advice that continues another text."""
    letters = len(re.sub(r"[^A-Za-z]", "", text))
    return letters >= SHORTEST and not re.fullmatch(r"[\w.]+", text) and text[0] not in " ,:;"


def faults(top):
    with open(os.path.join(top, "Specs/troubleshooting.md"), encoding="utf-8") as file:
        rows = [line.split(" | ") for line in file if line.startswith("| ")]
    quotes = {quote for row in rows for quote in re.findall(r"`([^`]+)`", row[0])}
    patterns = {quote: re.compile(".*".join(map(re.escape, quote.split("…")))) for quote in quotes}
    errors = {path for pattern in ERRORS for path in glob.glob(os.path.join(top, pattern))}
    seen = set()
    sources = [glob.glob(os.path.join(top, f"Sources/**/*.{ending}"), recursive=True) for ending in ("swift", "c")]
    for path in sorted(sum(sources, [])):
        with open(path, encoding="utf-8") as file:
            texts = list(literals(file.read()))
        for text in texts:
            found = {quote for quote, pattern in patterns.items() if pattern.search(text)}
            seen |= found
            if path in errors and is_message(text) and not found:
                yield f"{os.path.relpath(path, top)}: no quote in Specs/troubleshooting.md: {text}"
    for quote in sorted(quotes - seen):
        yield f"Specs/troubleshooting.md: no text in Sources: {quote}"


if __name__ == "__main__":
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    found = list(faults(top))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
