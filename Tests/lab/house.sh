#!/usr/bin/env bash
# The house's own rules, as CONTRIBUTING.md states them: what a grep can see.
case_seconds=400 # shellcheck reads fifty scripts, and other tests run beside it
source "$(dirname "$0")/testing.bash"
cd "$repository"

# scripts LANGUAGE DIRECTORY…: the files in that language, by the end of their name or by their first line.
scripts() {
  local file first
  find "${@:2}" -type f -not -path '*/__pycache__/*' -size -200k | sort | while read -r file; do
    case $1:${file##*/} in
      bash:*.sh | bash:*.bash | python3:*.py) echo "$file" ;;
      *.*) ;;
      *) read -r first <"$file" && [[ $first == "#!/usr/bin/env $1" ]] && echo "$file" ;;
    esac
  done || true
}
# check_shell FILE… and check_python FILE…: fail, and show the reason, when one of the files has a fault.
check_shell() { shellcheck --severity=warning --format=gcc "$@"; }
check_python() {
  python3 -c 'import sys; [compile(open(file, "rb").read(), file, "exec") for file in sys.argv[1:]]' "$@"
}
case_shell() {
  local files
  mapfile -t files < <(scripts bash Tools Tests .ci)
  ((${#files[@]} > 40)) || { echo "found only ${#files[@]} shell scripts"; exit 1; }
  check_shell "${files[@]}"
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

outside_world='(Foundation|FoundationEssentials|Glibc|Musl|Dispatch|Synchronization|NIO[A-Za-z]*)'
import_line="^ *(@[_a-zA-Z]+ +)*((public|package|internal|fileprivate|private) +)?import +((struct|class|enum|func|protocol|typealias|let|var) +)?$outside_world\b"
hidden_input='SystemRandomNumberGenerator|\.random\(in: [^,)]*\)|\.shuffled\(\)|ContinuousClock|SuspendingClock'

case_pattern() { # the pattern itself: what it must see, and what it must not
  local line
  for line in 'import Foundation' '  package import NIOCore' '@preconcurrency import Dispatch' 'import func Glibc.read'; do
    [[ $line =~ ${import_line%\\b} ]] || { echo "not seen: $line"; exit 1; }
  done
  [[ ! '/// as an import of Foundation' =~ ${import_line%\\b} ]]
}
case_sans_io() { expect_none "$import_line" "imports of the outside world" Sources/Ground Sources/Session Sources/Impairment Sources/Accounting; }
case_hidden_input() { expect_none "$hidden_input" "hidden time or randomness" Sources/Session Sources/Impairment; }
case_unfinished() { expect_none '\btry!|\bas!|TODO|FIXME|XXX' "forced or unfinished" Sources; }
# One writer for all that is printed: Foundation's traps when a write fails, and Swift's own waits for a reader.
case_one_writer() {
  expect_none '\bSwift\.print\(|\bfputs\(|standardError\.write|standardOutput\.write|FileHandle\.standard(Error|Output)' \
    "output past StandardStreams" Sources
  local found
  found=$(grep -rnE --include='*.swift' '(^|[^.a-zA-Z])print\(' Sources | grep -v '^Sources/gallery/' || true)
  expect_equal "$found" "" "print outside the command line"
}
case_short_files() {
  local long
  long=$(find Sources Tests -name '*.swift' -exec wc -l {} + | awk '$2 != "total" && $1 > 450 {print $2, $1}')
  expect_equal "$long" "" "files above 450 lines"
}

# planted FILE TEXT FAULT: a tree of two rooms with this file says this fault, and nothing else.
planted() {
  local tree=$scratch/rooms
  rm -rf "$tree"
  mkdir -p "$tree/Sources/A" "$tree/Sources/B"
  echo 'let package = room("A", []), room("B", ["A", nio("NIOCore")])' >"$tree/Package.swift"
  printf '%s\n' 'A →' 'B → A (SwiftNIO)' >"$tree/CONTRIBUTING.md"
  printf '%s\n' 'import Foundation' >"$tree/Sources/A/A.swift"
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
  planted CONTRIBUTING.md 'A →' "B: not in CONTRIBUTING.md"
  python3 Tests/lab/rooms.py
}

test_case "the pattern for imports sees them" case_pattern
test_case "Session, Impairment and Accounting import nothing of the outside world" case_sans_io
test_case "Session and Impairment have no clock and no randomness of their own" case_hidden_input
test_case "nothing forced, nothing unfinished in Sources" case_unfinished
test_case "all output goes through one writer" case_one_writer
test_case "no file is longer than 450 lines" case_short_files
test_case "shellcheck finds no fault in the shell scripts" case_shell
test_case "every Python file compiles" case_python
test_case "rooms: Package.swift, CONTRIBUTING and each import agree, and arrows go up the list only" case_rooms
finish
