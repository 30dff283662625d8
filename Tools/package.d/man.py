#!/usr/bin/env python3
"""Writes the man pages, one for gallery and one for each subcommand, from the definitions of the commands.

  gallery --experimental-dump-help | man.py FOLDER DATE

The definitions are those that --help prints, as JSON of swift-argument-parser; so no page can say anything else.
DATE stands in each page's head, as in 2026-11-27."""

import json, os, re, sys


def escaped(text):
    """Text as roff shows it: a backslash stays one, a hyphen is the one that a shell reads."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")


def lines(text):
    """Lines of running text or of an example; a line must not begin as a request of roff does."""
    return [("\\&" if line.startswith((".", "'")) else "") + escaped(line) for line in text]


def paragraphs(text):
    """A discussion: indented lines stay as they are, the others are filled."""
    page, block, is_shown = [], [], False

    def end():
        if not block: return
        if is_shown: page.extend([".PP", ".nf", ".RS 2"] + lines(block) + [".RE", ".fi"])
        else: page.extend([".PP"] + lines(block))
        block.clear()

    for line in text.split("\n"):
        if not line.strip():
            end()
            continue
        if line.startswith("  ") != is_shown:
            end()
            is_shown = line.startswith("  ")
        block.append(line.removeprefix("  ") if is_shown else line.strip())
    end()
    return page


def option_names(argument):
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    names = [dashes[name["kind"]] + name["name"] for name in argument.get("names", [])]
    return sorted(names, key=len)


def value(argument): return f"<{argument.get('valueName', 'value')}>"


def term(argument):
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value(argument))}\\fR"
    names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in option_names(argument))
    return names + (f" \\fI{escaped(value(argument))}\\fR" if argument["kind"] == "option" else "")


def described(argument):
    text = argument.get("abstract", "")
    notes = []
    if argument.get("allValues"): notes.append("values: " + ", ".join(argument["allValues"]))
    if argument.get("defaultValue") is not None: notes.append("default: " + argument["defaultValue"])
    if notes: text += f" ({'; '.join(notes)})"
    return text + (argument.get("discussion") and " " + argument["discussion"] or "")


def page(path, command, date):
    """One page; PATH is the words of the command, as in gallery, study, merge."""
    name = "-".join(path)
    shown = [one for one in command.get("arguments", []) if one.get("shouldDisplay", True)]
    positional = [one for one in shown if one["kind"] == "positional"]
    options = [one for one in shown if one["kind"] != "positional"]
    subcommands = [one for one in command.get("subcommands", []) if one["commandName"] != "help"]
    text = [f'.TH "{name.upper()}" 1 "{date}" "gallery" "User Commands"', ".SH NAME",
            f"{escaped(name)} \\- {escaped(summary(command))}", ".SH SYNOPSIS"]
    synopsis = f"\\fB{escaped(' '.join(path))}\\fR"
    if subcommands: synopsis += " \\fI<command>\\fR"
    if options: synopsis += " [\\fIoptions\\fR]"
    for one in positional:
        word = escaped(value(one)) + (" ..." if one.get("isRepeating") else "")
        synopsis += f" [\\fI{word}\\fR]" if one.get("isOptional") else f" \\fI{word}\\fR"
    text += [synopsis, ".SH DESCRIPTION"] + lines([command.get("abstract", "")])
    text += paragraphs(command.get("discussion") or "")
    if subcommands:
        text.append(".SH COMMANDS")
        for one in subcommands:
            text += [".TP", f"\\fB{escaped(one['commandName'])}\\fR"] + lines([one.get("abstract", "")])
    for title, some in [("ARGUMENTS", positional), ("OPTIONS", options)]:
        if some: text.append(".SH " + title)
        for one in some: text += [".TP", term(one)] + lines([described(one)])
    near = ["-".join(path[:-1])] if len(path) > 1 else []
    near += [f"{name}-{one['commandName']}" for one in subcommands]
    text.append(".SH SEE ALSO")
    text.append(",\n".join(f".BR {escaped(one)} (1)" for one in near).replace(",\n", " ,\n") if near else
                ".BR gallery (1)")
    return "\n".join(text) + "\n"


def summary(command):
    """What stands behind the name: one line, no full stop, no capital at its beginning."""
    text = re.split(r"(?<=[a-z0-9)])\.(\s|$)", command.get("abstract", ""))[0]
    return text[:1].lower() + text[1:]


def write(folder, path, command, date):
    with open(os.path.join(folder, "-".join(path) + ".1"), "w", encoding="utf-8") as file:
        file.write(page(path, command, date))
    for one in command.get("subcommands", []):
        if one["commandName"] != "help" and one.get("shouldDisplay", True):
            write(folder, path + [one["commandName"]], one, date)


if __name__ == "__main__":
    if len(sys.argv) != 3: sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    command = json.load(sys.stdin)["command"]
    write(sys.argv[1], [command["commandName"]], command, sys.argv[2])
