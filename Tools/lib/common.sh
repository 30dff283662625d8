# shellcheck shell=bash
# Shared by the programs in Tools/: messages and root. Sourced, never run.
# A program sets `program` (its name for messages) before it sources this file.

# Says one line to the person at the terminal; standard output stays for results.
say() { printf '%s: %s\n' "${program:-gallery}" "$*" >&2; }

# Ends the program with a one-line error. fail [EXIT-CODE] MESSAGE; the default code is 1.
fail() {
  local code=1
  if [[ $1 =~ ^[0-9]+$ ]]; then
    code=$1
    shift
  fi
  say "error: $*"
  exit "$code"
}

# Builds in release. Swift hashes with another seed in each process, and SwiftPM hands the package's traits to the compiler in
# the order of such a hash: without a fixed seed most calls would build all targets again. Only the build gets it, so that no
# test relies on an order.
build_release() { SWIFT_DETERMINISTIC_HASHING=1 timeout 1500 swift build -c release "$@"; }

# Ends with usage error 2, and says where help is.
usage_error() { fail 2 "$* (see: ${program:-gallery} --help)"; }

# Runs the calling program again as root when it is not: as_root "$0" "$@".
as_root() {
  [[ $EUID -ne 0 ]] || return 0
  command -v sudo >/dev/null || fail 3 "needs root, and there is no sudo: run it as root"
  exec sudo --preserve-env "$@"
}

# True when ARGUMENT is a decimal number of at least MINIMUM and at most MAXIMUM: is_number ARGUMENT MINIMUM MAXIMUM.
is_number() { [[ $1 =~ ^[0-9]{1,9}$ ]] && ((10#$1 >= $2 && 10#$1 <= $3)); }

# Polls until a command succeeds: poll_until SECONDS COMMAND…; fails when the time is up.
# It polls because the kernel has no event for "a socket was bound in that namespace".
poll_until() {
  local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift
  until "$@"; do
    ((${EPOCHREALTIME/./} < deadline)) || return 1
    sleep 0.02
  done
}
