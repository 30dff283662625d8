#!/usr/bin/env bash
# The house's own rules, as CONTRIBUTING.md states them: what a grep can see.
case_seconds=400 # sixty scripts take shellcheck ten seconds, and other tests run beside it
source "$(dirname "$0")/testing.bash"
cd "$repository"

# scripts LANGUAGE DIRECTORY…: the files in that language, by the end of their name or by their first line.
scripts() {
  local file first
  find "${@:2}" -type f -not -path '*/__pycache__/*' -size -200k | sort | while read -r file; do
    case $1:${file##*/} in
      bash:*.sh | bash:*.bash | python3:*.py) echo "$file" ;;
      *.*) ;;
      *) read -r first <"$file" && [[ $first == "#!/usr/bin/env $1" || $1:$first == "bash:#!/bin/sh" ]] && echo "$file" ;;
    esac
  done || true
}
# check_shell FILE… and check_python FILE…: fail, and show the reason, when one of the files has a fault.
# Each test sources six files, which shellcheck reads again for each of them. Without GALLERY_FULL it does not follow them, and
# leaves out the warnings that need them: of names that another file assigns (`set -u` finds these) or uses, and of `set -e`.
alone=(--norc "--exclude=SC2317,SC1091,SC2154,SC2034,SC2164")
[[ -z ${GALLERY_FULL:-} ]] || alone=()
check_shell() { shellcheck "${alone[@]}" --severity=warning --format=gcc "$@"; }
check_python() {
  python3 -c 'import sys; [compile(open(file, "rb").read(), file, "exec") for file in sys.argv[1:]]' "$@"
}
case_shell() {
  local files
  mapfile -t files < <(scripts bash Tools Tests .ci)
  ((${#files[@]} > 40)) || { echo "found only ${#files[@]} shell scripts"; exit 1; }
  check_shell "${files[@]}"
  [[ " ${files[*]} " == *" Tools/fuzz "* && " ${files[*]} " == *" .ci/run "* ]]
  printf '#!/usr/bin/env bash\ncd $1\nrm -r $(ls)\n' >"$scratch/planted"
  expect_equal "$(scripts bash "$scratch")" "$scratch/planted" "the planted script"
  expect_exit 1 check_shell "$scratch/planted"
}
case_python() {
  local files
  mapfile -t files < <(scripts python3 Tools Tests Specs)
  ((${#files[@]} > 25)) || { echo "found only ${#files[@]} Python files"; exit 1; }
  check_python "${files[@]}"
  printf '#!/usr/bin/env python3\nprint(\n' >"$scratch/planted"
  expect_equal "$(scripts python3 "$scratch")" "$scratch/planted" "the planted script"
  expect_exit 1 check_python "$scratch/planted"
}

# expect_none PATTERN WHAT FILE-OR-DIRECTORY…: no Swift line matches; those that do are shown.
expect_none() {
  local found
  found=$(grep -rnE --include='*.swift' "$1" "${@:3}" || true)
  expect_equal "$found" "" "$2"
}

# import_of MODULES: a line that imports one of them.
import_of() {
  echo "^ *(@[_a-zA-Z]+ +)*((public|package|internal|fileprivate|private) +)?import +((struct|class|enum|func|protocol|typealias|let|var) +)?$1\b"
}
outside_world='(Foundation|FoundationEssentials|Glibc|Musl|Dispatch|Synchronization|NIO[A-Za-z]*)'
import_line=$(import_of "$outside_world")
hidden_input='SystemRandomNumberGenerator|\.random\(in: [^,)]*\)|\.shuffled\(\)|ContinuousClock|SuspendingClock'

case_pattern() { # the pattern itself: what it must see, and what it must not
  local line
  for line in 'import Foundation' '  package import NIOCore' '@preconcurrency import Dispatch' 'import func Glibc.read'; do
    [[ $line =~ ${import_line%\\b} ]] || { echo "not seen: $line"; exit 1; }
  done
  [[ ! '/// as an import of Foundation' =~ ${import_line%\\b} ]]
  echo 'private import Foundation' >"$scratch/A.swift"
  expect_exit 1 expect_none "$(import_of Foundation)" "imports of Foundation" "$scratch"
  echo 'import FoundationEssentials' >"$scratch/A.swift"
  expect_none "$(import_of Foundation)" "imports of Foundation" "$scratch"
}
case_sans_io() { expect_none "$import_line" "imports of the outside world" Sources/Ground Sources/Session Sources/Impairment Sources/Accounting; }
case_hidden_input() { expect_none "$hidden_input" "hidden time or randomness" Sources/Session Sources/Impairment; }
# The other parts of Foundation hold 34 MB of Unicode's tables, and each start would take longer by them.
case_essentials() { expect_none "$(import_of '(Foundation|FoundationInternationalization)')" "imports of more than FoundationEssentials" Sources; }
case_unfinished() { expect_none '\btry!|\bas!|TODO|FIXME|XXX' "forced or unfinished" Sources; }
# One writer for all that is printed: Foundation's traps when a write fails, and Swift's own waits for a reader.
case_one_writer() {
  expect_none '\bSwift\.print\(|\bfputs\(|standardError\.write|standardOutput\.write|FileHandle\.standard(Error|Output)' \
    "output past StandardStreams" Sources
  local found
  found=$(grep -rnE --include='*.swift' '(^|[^.a-zA-Z])print\(' Sources | grep -v '^Sources/gallery/' || true)
  expect_equal "$found" "" "print outside the command line"
}
finds_nothing() { python3 Tests/lab/house.py "$1"; } # CHECK: in this tree
# reads CHECK FILE TEXT EXPECTED [FILE TEXT]…: Tests/lab/house.py finds exactly one fault in a tree with only the planted
# files, and the fault contains EXPECTED.
reads() {
  local check=$1 expected=$4 tree=$scratch/tree found
  mkdir -p "$tree/Specs" "$tree/Tests"
  touch "$tree/Tests/UNTESTED"
  set -- "$2" "$3" "${@:5}"
  while (($# > 0)); do
    mkdir -p "$(dirname "$tree/$1")"
    printf '%s\n' "$2" >"$tree/$1"
    shift 2
  done
  found=$(python3 Tests/lab/house.py "$check" "$tree") && { echo "the planted fault was not found"; exit 1; }
  expect_equal "$(wc -l <<<"$found")" 1 "number of faults in the planted tree"
  expect_contains "$found" "$expected" "the planted fault"
  rm -r "$tree"
}
# The page of messages has every error, and no text that the program does not have.
case_messages() {
  python3 Tests/lab/messages.py
  mkdir -p "$scratch/tree/Specs" "$scratch/tree/Sources/Wire"
  printf '%s\n' 'case .a: "the disk \(name) is " + "full of \(text)"' 'case .b: "short_name"' >"$scratch/tree/Sources/Wire/AError.swift"
  printf '| `the disk … is full` | why | what |\n' >"$scratch/tree/Specs/troubleshooting.md"
  python3 Tests/lab/messages.py "$scratch/tree"
  printf '| `the disk is gone` | why | what |\n' >"$scratch/tree/Specs/troubleshooting.md"
  expect_exit 1 python3 Tests/lab/messages.py "$scratch/tree"
  expect_contains "$output" "no quote in Specs/troubleshooting.md: the disk … is full of …" "a message without a line"
  expect_contains "$output" "no text in Sources: the disk is gone" "a line without a message"
}
long_line=$(printf 'word %.0s' {1..25})
case_wide() {
  finds_nothing wide
  reads wide Sources/Wire/A.swift "/// $long_line" "A.swift:1: a comment of 129 columns"
  reads wide Sources/Wire/A.swift "let a = \"// $long_line\"  // $long_line" "A.swift:1: a comment"
  mkdir -p "$scratch/tree/Sources/Wire"
  echo "let a = \"https://$long_line\"" >"$scratch/tree/Sources/Wire/A.swift"
  python3 Tests/lab/house.py wide "$scratch/tree" # a string is no comment
}
case_long() {
  finds_nothing long
  reads long Sources/Wire/A.swift "$(seq -f '// %g' 301)" "A.swift: 301 lines"
}
case_sections() {
  finds_nothing sections
  reads sections Sources/Wire/A.swift "/// Specs/page.md §1.2 and §9.9" "page.md has no §9.9" Specs/page.md "## 1. A"$'\n'"### 1.2 B"
  reads sections Specs/page.md "## 1. A"$'\n'"see §1, §2 and RFC 9002 §5.3" "page.md has no §2"
}
case_pages() {
  finds_nothing pages
  reads pages Sources/Wire/A.swift "/// design.md says why" "'design.md' is not in this repository"
  reads pages Sources/Wire/A.swift "/// Specs/absent.md" "there is no Specs/absent.md"
  reads pages README.md "[page](Specs/absent.md#a) and [one](https://example.org)" "there is no Specs/absent.md"
}
case_phrases() {
  finds_nothing phrases
  reads phrases Sources/Wire/A.swift "/// What mends the usual ones." "'mends'; better: repairs"
  reads phrases Specs/page.md "It ends by luck." "'by luck'; better: by chance"
}
case_names() {
  finds_nothing names
  reads names Sources/Wire/A.swift "package struct Same {}" "Same is declared in Sources/FileSet/B.swift and in Sources/Wire/A.swift" \
    Sources/FileSet/B.swift "final class Same {}"
}
case_mirrors() {
  local lines
  finds_nothing mirrors
  lines=$(seq -f '// %g' 61)
  reads mirrors Sources/Wire/A.swift "$lines" "no ATests.swift"
  reads mirrors Sources/Wire/A.swift "$lines" "A.swift has tests; remove the line" Tests/WireTests/ATests.swift "" Tests/UNTESTED "A.swift: none"
  reads mirrors Sources/Wire/A.swift "$lines" "there is no test BTests" Tests/UNTESTED "A.swift: tested by BTests"
  reads mirrors Sources/Wire/A.swift "$lines" "there is no source file C.swift" Tests/UNTESTED "A.swift: why"$'\n'"C.swift: why"
}

case_drawn() {
  finds_nothing drawn
  mkdir "$scratch/tree"
  echo 'room("A", []), room("B", ["A"])' >"$scratch/tree/Package.swift"
  echo "The room A." >"$scratch/tree/ARCHITECTURE.md"
  expect_exit 1 python3 Tests/lab/house.py drawn "$scratch/tree"
  expect_equal "$output" "ARCHITECTURE.md: there is no room B in it" "a room that is not drawn"
}

# planted FILE TEXT FAULT: a tree of two rooms with this file says this fault, and nothing else.
planted() {
  local tree=$scratch/rooms
  rm -rf "$tree"
  mkdir -p "$tree/Sources/A" "$tree/Sources/B" "$tree/Tests/BTests"
  echo 'let package = room("A", []), room("B", ["A", nio("NIOCore")]), tests("B", ["A"])' >"$tree/Package.swift"
  printf '%s\n' 'A →' 'B → A (SwiftNIO)' >"$tree/CONTRIBUTING.md"
  printf '%s\n' 'import FoundationEssentials' >"$tree/Sources/A/A.swift"
  printf '%s\n' 'package import A' 'import struct NIOCore.ByteBuffer' >"$tree/Sources/B/B.swift"
  python3 Tests/lab/rooms.py "$tree"
  printf '%s\n' "$2" >"$tree/$1"
  expect_exit 1 python3 Tests/lab/rooms.py "$tree"
  expect_equal "$output" "$3" "the fault of '$2'"
}
case_rooms() {
  planted Sources/A/A.swift 'import B' "Sources/A/A.swift: import B, and A has no such arrow"
  planted Sources/B/B.swift 'import A' "B → NIOCore: no file imports it"
  planted CONTRIBUTING.md $'A →\nB → (SwiftNIO)' "B → A: only in Package.swift"
  planted CONTRIBUTING.md $'A →\nB → A C (SwiftNIO)' "B → C: only in CONTRIBUTING.md"
  planted CONTRIBUTING.md $'B → A (SwiftNIO)\nA →' "CONTRIBUTING.md: B imports A, and is not listed below it"
  planted Tests/BTests/BTests.swift $'import B\nimport NIOCore' \
    "Tests/BTests/BTests.swift: import NIOCore, which Package.swift does not list for BTests"
  planted CONTRIBUTING.md 'A →' "B: not in CONTRIBUTING.md"
  python3 Tests/lab/rooms.py
}

test_case "the pattern for imports sees them" case_pattern
test_case "Session, Impairment and Accounting import nothing of the outside world" case_sans_io
test_case "Session and Impairment have no clock and no randomness of their own" case_hidden_input
test_case "Sources import no more of Foundation than FoundationEssentials" case_essentials
test_case "nothing forced, nothing unfinished in Sources" case_unfinished
test_case "all output goes through one writer" case_one_writer
test_case "comments are wrapped at 110 columns" case_wide
test_case "no Swift file is longer than 300 lines" case_long
test_case "sections that are referred to exist" case_sections
test_case "pages and files that are referred to exist" case_pages
test_case "plain English" case_phrases
test_case "each error has a line in Specs/troubleshooting.md" case_messages
test_case "each source file above 60 lines has tests, or a line in Tests/UNTESTED" case_mirrors
test_case "no two rooms have a type of the same name" case_names
test_case "ARCHITECTURE.md shows each room" case_drawn
test_case "shellcheck finds no fault in the shell scripts" case_shell
test_case "every Python file compiles" case_python
test_case "rooms: Package.swift, CONTRIBUTING and each import agree, and arrows go up the list only" case_rooms
finish
