# shellcheck shell=bash disable=SC2154 # test files and what they source share variables
# Shared by the tests with hostile peers. Sourced after testing.bash, never run.
require_root
case_seconds=400 # the matrix of the sender starts 300 processes, and other tests run beside it
[[ -z ${GALLERY_FULL:-} ]] || case_seconds=3000

# hostile PROGRAM ARGUMENTS…: in a host of its own lab, so that all ports and groups are free. Its output is also shown
# when the case passes: how many cases ran, and the figures of each attack.
hostile() {
  start_lab --receivers 1 >/dev/null
  lab exec s timeout --kill-after=5 $((case_seconds - 10)) python3 "$repository/Tests/lab/peer/$1" "${@:2}" |
    sed 's/^/figures: /'
}
