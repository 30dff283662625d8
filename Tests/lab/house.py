#!/usr/bin/env python3
"""house: reads the sources and pages, and prints each line that breaks a rule of CONTRIBUTING.md; prints nothing when all is well.

  house.py CHECK [DIRECTORY]

CHECK is one of: wide, long, sections, pages, phrases, mirrors, names, drawn. DIRECTORY is the top of the tree (default: this repository).
Exit codes: 0 no fault, 1 a fault was printed, 2 usage.
"""
import os
import re
import sys

WIDTH = 110  # columns, as in .swift-format, which does not wrap comments
LENGTH = 300  # lines of a Swift file
MIRRORED = 60  # a source file with more lines has a test file

# Pattern in comments and pages, and what to write in its place.
PHRASES = {
    r"\b[Mm]ends?\b": "repairs, corrects, fixes",
    r"\b[Bb]efalls?\b": "happens to",
    r"\bhow-manieth\b": "the ordinal of",
    r"\bby luck\b|\bluck (raises|has|is)\b": "by chance; or the statistics in numbers",
    r"\b[Ff]rom so many\b|\bso many (receivers|messages|times|chunks|bytes|datagrams)\b": "at least N …, this many …",
    r"\b[Ff]or so long\b|\bso long as\b": "for this time; while",
    r"(^\W*|[.:;,(] ?|\b(to|of|for|by|from|as) )[Ww]ho(ever)? (only|waits|has|is|must|gets|sends|reaches|names|cannot)\b":
        "a receiver that …, a peer that …",
    r"\b(is|are|was|were) waited for\b": "name what waits: the sender waits for …",
    r"\b(is|are|was|were|be) held against\b|\bholds? [\w ]{1,30} against\b": "is compared with, compares … with",
    r"\bwhat came\b|\bwhat has come\b|\ball it came for\b": "name what arrived",
    r"\bsaid nowhere\b|\bsays nothing more\b": "name who says what",
    r"\bnobody misses\b|\bnobody shall\b": "name the person or the program",
    r"\bthat holds may not\b|\bthe one that holds\b": "the final one",
    r"\bits own affair\b|\bmatter of course\b|\bslip of the pen\b": "plain words",
    r"\bwill do\b(?! (it|so|this|that))": "is enough, is allowed",
    r"\btold apart\b|\btells? [a-z]+ apart\b": "distinguishes",
}
# References to pages that are not in this repository.
OUTSIDE = re.compile(r"\b(design|house|field|style|newcomer|second-implementation)\.md\b|/work/|\bissues? #?\d+\b")

SECTION = re.compile(r"§\s?(\d+(?:\.\d+)*)")
HEADING = re.compile(r"^#+ (\d+(?:\.\d+)*)[. ]|^\*\*(\d+(?:\.\d+)+)[. ]", re.M)


def files(top, folders, endings):
    """Paths relative to `top`, sorted. Folders that begin with a dot are not visited."""
    for folder in folders:
        start = os.path.join(top, folder)
        if os.path.isfile(start):
            yield folder
        for path, names, leaves in os.walk(start):
            names[:] = sorted(name for name in names if not name.startswith(".") and name != "__pycache__")
            for leaf in sorted(leaves):
                if leaf.endswith(endings):
                    yield os.path.relpath(os.path.join(path, leaf), top)


def read(top, path):
    with open(os.path.join(top, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def swift(top, folders=("Package.swift", "Sources", "Tests", "Tools")):
    return files(top, folders, ".swift")


def pages(top):
    tops = [name for name in sorted(os.listdir(top)) if name.endswith(".md")]
    return files(top, tops + ["Specs", "images"], ".md")


def comment(line):
    """The comment of a Swift line, with what stands before it cut off; None without one. Strings are skipped."""
    i, in_string = 0, False
    while i < len(line) - 1:
        if in_string:
            i += line[i] == "\\"
            in_string = line[i] != '"'
        elif line[i] == '"':
            in_string = True
        elif line.startswith("//", i):
            return line[i:]
        i += 1
    return None


def check_wide(top):
    for path in swift(top):
        for number, line in enumerate(read(top, path).split("\n"), 1):
            if len(line) > WIDTH and comment(line) is not None:
                yield f"{path}:{number}: a comment of {len(line)} columns, the limit is {WIDTH}"


def check_long(top):
    for path in swift(top, ("Sources", "Tests", "Tools")):
        count = read(top, path).count("\n")
        if count > LENGTH:
            yield f"{path}: {count} lines, the limit is {LENGTH}"


def check_sections(top):
    """`Specs/PAGE.md §N` in any file, and `§N` inside a page, name a heading of that page."""
    headings = {
        os.path.basename(path): {one or other for one, other in HEADING.findall(read(top, path))}
        for path in files(top, ["Specs"], ".md")
    }
    readers = list(swift(top)) + list(pages(top)) + list(files(top, ["Tools", "Tests"], (".sh", ".py", ".lua")))
    for path in readers:
        text = read(top, path)
        own = os.path.basename(path) if path.startswith("Specs/") else None
        for match in SECTION.finditer(text):
            before = re.sub(r"\n[ \t]*(///?|#|--)?[ \t]*", " ", text[max(0, match.start() - 90) : match.start()])
            page = re.search(r"([\w-]+\.md)[`)\]\s,:]*((§\s?[\d.]+|and|to|–|,|\s)*)$", before)
            foreign = re.search(r"(RFC|T\.81|Exif|TIFF|Knuth|Programming|14496|ITU)[^§.;]*((§[\d.]+[, and]*)*)$", before)
            if page:
                target = page[1]
            elif own and not foreign:
                target = own
            else:
                continue
            if target in headings and match[1] not in headings[target]:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {target} has no §{match[1]}"


def check_pages(top):
    """Pages and files that comments and pages mention exist."""
    for path in list(swift(top)) + list(pages(top)):
        is_swift = path.endswith(".swift")
        for number, line in enumerate(read(top, path).split("\n"), 1):
            text = comment(line) if is_swift else line
            if not text:
                continue
            for match in OUTSIDE.finditer(text):
                yield f"{path}:{number}: '{match[0]}' is not in this repository"
            for match in re.finditer(r"(?:Specs|Tools|Tests|Sources|images)/[\w./+-]*[\w+]", text):
                name = match[0]
                is_example = "NAME" in name or text[match.end() : match.end() + 2].strip("-*{<")[:1] in ("…", "", "N")
                if not os.path.exists(os.path.join(top, name)) and not (is_example and text[match.end() : match.end() + 1]):
                    if not any(os.path.exists(os.path.join(top, name + end)) for end in (".md", ".swift", ".hex")):
                        yield f"{path}:{number}: there is no {name}"
            for match in re.finditer(r"\]\(([^)#:]+)(#[^)]*)?\)", text) if not is_swift else ():
                is_seen = re.match(r"(Specs|Tools|Tests|Sources|images)/", match[1])
                if not is_seen and not os.path.exists(os.path.join(top, os.path.dirname(path), match[1])):
                    yield f"{path}:{number}: there is no {match[1]}"


def check_phrases(top):
    for path in list(swift(top)) + list(pages(top)):
        for number, line in enumerate(read(top, path).split("\n"), 1):
            text = comment(line) if path.endswith(".swift") else line
            for pattern, better in PHRASES.items():
                match = re.search(pattern, text or "")
                if match:
                    yield f"{path}:{number}: '{match[0]}'; better: {better}"


def check_names(top):
    """A type at the top of a file has a name of its own: no other room has a type of that name. What takes the place of a
    type in a build without a trait does not count."""
    declared = re.compile(
        r"^(?:@\w+ |package |public |final |indirect )*(?:struct|class|enum|actor|protocol) (\w+)", re.M)
    found = {}
    for path in swift(top, ("Sources",)):
        for name in declared.findall(re.sub(r"^#(if !|else).*?^#endif", "", read(top, path), flags=re.M | re.S)):
            found.setdefault(name, []).append(path)
    for name, paths in sorted(found.items()):
        if len(paths) > 1:
            yield f"{name} is declared in {' and in '.join(paths)}"


def check_mirrors(top):
    """Each source file above MIRRORED lines has `NAMETests.swift`, or a line in Tests/UNTESTED: a path and the reason."""
    tests = {os.path.basename(path) for path in swift(top, ("Tests",))}
    listed, seen = {}, set()
    for line in read(top, "Tests/UNTESTED").split("\n"):
        if line and not line.startswith("#"):
            name, _, reason = line.partition(": ")
            listed[name] = reason.strip()
    for path in swift(top, ("Sources",)):
        name = os.path.basename(path)[: -len(".swift")]
        has_test = any(stem.replace("+", "") + "Tests.swift" in tests for stem in (name, name.split("+")[0]))
        reason = listed.get(os.path.basename(path))
        seen.add(os.path.basename(path))
        for test in re.findall(r"[\w.-]+", reason.removeprefix("tested by")) if (reason or "").startswith("tested by") else ():
            if test + ".swift" not in tests and not os.path.exists(os.path.join(top, "Tests/lab", test)):
                yield f"Tests/UNTESTED: {os.path.basename(path)}: there is no test {test}"
        if has_test and reason is not None:
            yield f"Tests/UNTESTED: {os.path.basename(path)} has tests; remove the line"
        if not has_test and not reason and read(top, path).count("\n") > MIRRORED:
            yield f"{path}: no {name}Tests.swift, and no line with a reason in Tests/UNTESTED"
    for name in sorted(listed.keys() - seen):
        yield f"Tests/UNTESTED: there is no source file {name}"


def check_drawn(top):
    """ARCHITECTURE.md names each room of Package.swift."""
    rooms = re.findall(r'\broom\(\s*"(\w+)"', read(top, "Package.swift"))
    named = set(re.findall(r"\w+", read(top, "ARCHITECTURE.md")))
    for room in rooms:
        if room not in named:
            yield f"ARCHITECTURE.md: there is no room {room} in it"


if __name__ == "__main__":
    check = globals().get("check_" + sys.argv[1]) if len(sys.argv) in (2, 3) else None
    if check is None:
        sys.exit(__doc__) if len(sys.argv) == 1 else (print(__doc__, file=sys.stderr), sys.exit(2))
    root = sys.argv[2] if len(sys.argv) == 3 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    faults = list(check(root))
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(1 if faults else 0)
