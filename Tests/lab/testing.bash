# shellcheck shell=bash disable=SC2034 # test files and what they source share variables
# Shell-level tests: a small library. A test file is
#
#   #!/usr/bin/env bash
#   source "$(dirname "$0")/testing.bash"
#   case_ping() {                      # runs in a subshell with `set -euo pipefail`: a failing command fails the case
#     start_lab --receivers 1          # a lab of its own, removed when the case ends, however it ends
#     lab exec s ping -c 1 10.77.0.11
#     expect_equal "$(lab exec r1 hostname -s | wc -l)" 1 "one line"
#   }
#   test_case "a receiver answers ping" case_ping
#   finish                             # prints "N passed, N failed[, N skipped]"; exits 1 when a case failed
#
# Variables: $repository (top directory), $gallery (the release binary), $scratch (a directory of the case's own).
# A case that cannot run here calls `skip REASON`; with CI=true a skip is a failure (Tools/test sees to it).
# A case is ended after $case_seconds (default 300); its output is shown only when it fails, but for lines that begin with
# "figures: ".
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
gallery=$repository/.build/release/gallery
# shellcheck source=Tools/lib/processor-time.sh
source "$repository/Tools/lib/processor-time.sh"
# shellcheck source=Tools/lib/system-path.sh
source "$repository/Tools/lib/system-path.sh"
case_seconds=${case_seconds:-300}
passed_count=0 failed_count=0 skipped_count=0 again_count=0
case_pid='' watch_pid=''
readonly skip_code=77

# The lab of this case: Tools/lab with its id.
lab() { "$repository/Tools/lab" "$@"; }

# start_lab [OPTIONS of lab up]: sets GALLERY_LAB_ID, so that every `lab …` after it means this lab.
start_lab() {
  local owner=$BASHPID # not in the substitution: there it is that of a process which ends at once
  GALLERY_LAB_ID=$(lab up --owner "$owner" "$@")
  export GALLERY_LAB_ID
}

require_root() { [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null || skip "needs root"; }
skip() {
  printf '%s\n' "$*"
  exit $skip_code
}
expect_equal() { # ACTUAL EXPECTED WHAT
  [[ $1 == "$2" ]] || { printf '%s: expected %s, got %s\n' "$3" "$2" "$1"; exit 1; }
}
expect_between() { # ACTUAL LOW HIGH WHAT: integers, both ends included
  (($1 >= $2 && $1 <= $3)) || { printf '%s: expected %s to %s, got %s\n' "$4" "$2" "$3" "$1"; exit 1; }
}
expect_contains() { # TEXT PART WHAT
  [[ $1 == *"$2"* ]] || { printf '%s: expected to contain "%s", got:\n%s\n' "$3" "$2" "$1"; exit 1; }
}
# expect_exit CODE COMMAND…: output of the command goes to $output.
expect_exit() {
  local code=0
  output=$("${@:2}" 2>&1) || code=$?
  [[ $code == "$1" ]] || { printf 'exit code of %s: expected %s, got %s\n%s\n' "${*:2}" "$1" "$code" "$output"; exit 1; }
}
# wait_until COMMAND…: until it succeeds. The limit is far above what a busy machine needs.
wait_until() {
  local end=$((SECONDS + 120))
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "never came true: $*"; exit 1; }
    sleep 0.02
  done
}
# wait_for_file FILE: until it has bytes, as the file of --ready-file when a receiver listens.
wait_for_file() { wait_until test -s "$1"; }
# is_bound PORT [-t]: a socket for UDP (-t: TCP) has this port. is_bound_in HOST …: the same in a host of this case's lab.
is_bound() { [[ -n $(ss -Hln "${2:--u}" "sport = :$1") ]]; }
is_bound_in() { [[ -n $(ip netns exec "gl-$GALLERY_LAB_ID-$1" ss -Hln "${3:--u}" "sport = :$2") ]]; }
# has_part FOLDER: bytes of a file have arrived there, and the file is not whole yet.
has_part() { find "$1" -name '*.part' -size +0 2>/dev/null | grep -q .; }
json_number() { # JSON-LINE KEY
  sed -nE "s/.*\"$2\" ?: ?(-?[0-9.]+).*/\1/p" <<<"$1"
}

# Removes what a case leaves: the programs that it started and did not wait for, its lab and its files.
end_case() {
  trap '' INT TERM
  local started
  read -rd '' -a started < <(jobs -p) || true
  ((${#started[@]} == 0)) || kill "${started[@]}" 2>/dev/null || true
  [[ -z ${GALLERY_LAB_ID:-} ]] || lab down >/dev/null 2>&1 || true
  rm -rf "$scratch"
}

run_case() { # FUNCTION
  set -euo pipefail
  trap end_case EXIT
  trap 'echo "ended after $case_seconds s"; exit 1' TERM
  unset GALLERY_LAB_ID
  export XDG_CACHE_HOME=$scratch/cache # what receivers remember of their folders
  "$1"
}

# try_case FUNCTION LOG: sets $case_code to its exit code.
try_case() {
  case_code=0
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/gallery-test.XXXXXX")
  # In the background, so that `set -e` holds inside it: bash ignores it in a tested command.
  run_case "$1" >"$2" 2>&1 </dev/null &
  case_pid=$!
  { sleep "$case_seconds" && kill -TERM "$case_pid"; } >/dev/null 2>&1 &
  watch_pid=$!
  wait "$case_pid" || case_code=$?
  case_pid=''
  end_watch
}

# test_case NAME FUNCTION. In CI, where others may take the processors for seconds, a case that fails has a second try. Both
# outputs are shown, and the last line of all tests counts such cases: each is a fault, of its test or of Gallery.
test_case() {
  local log start=$SECONDS processor_ticks earlier took
  [[ $1 == *"${TEST_FILTER:-}"* ]] || return 0
  log=$(mktemp "${TMPDIR:-/tmp}/gallery-test-log.XXXXXX")
  read_processor_ticks
  earlier=$processor_ticks
  try_case "$2" "$log"
  if [[ ${CI:-} == true && $case_code != 0 && $case_code != "$skip_code" ]]; then
    echo "✘ $1 (exit $case_code, the first of two tries)"
    sed 's/^/    /' "$log"
    try_case "$2" "$log"
    [[ $case_code != 0 ]] || again_count=$((again_count + 1))
  fi
  read_processor_ticks
  took="$((SECONDS - start)) s, $(((processor_ticks - earlier) / 100)) s of processor"
  case $case_code in
    0) passed_count=$((passed_count + 1)); echo "✔ $1 ($took)"; sed -n 's/^figures: /    /p' "$log" ;;
    "$skip_code") skipped_count=$((skipped_count + 1)); echo "➜ $1: skipped: $(tail -n 1 "$log")" ;;
    *) failed_count=$((failed_count + 1)); echo "✘ $1 (exit $case_code)"; sed 's/^/    /' "$log" ;;
  esac
  rm -f "$log"
}

end_watch() {
  [[ -n $watch_pid ]] || return 0
  pkill -P "$watch_pid" 2>/dev/null || true # its sleep, and only its
  kill "$watch_pid" 2>/dev/null || true
  wait "$watch_pid" 2>/dev/null || true
  watch_pid=''
}

# The counts go to the terminal, or to $TEST_TOTALS for Tools/test, which adds them up. Tools/test also removes the labs of
# failed cases. This function does not, because other files run at the same time.
finish() {
  local line="$passed_count passed, $failed_count failed"
  ((skipped_count == 0)) || line+=", $skipped_count skipped"
  ((again_count == 0)) || line+=", $again_count at a second try"
  if [[ -n ${TEST_TOTALS:-} ]]; then
    echo "$passed_count $failed_count $skipped_count $again_count" >"$TEST_TOTALS"
  else
    lab clean >/dev/null 2>&1 || true
    echo "$line"
  fi
  ((failed_count == 0)) || exit 1
  exit 0
}

# Ctrl-C: ends the running case (which removes its lab), then this program.
interrupted() {
  trap '' INT TERM
  [[ -z $case_pid ]] || { kill -TERM "$case_pid" 2>/dev/null; wait "$case_pid" 2>/dev/null; } || true
  end_watch
  exit 130
}
trap interrupted INT TERM
