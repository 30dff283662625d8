# shellcheck shell=bash disable=SC2034,SC2154 # test files and what they source share variables
# Shared by the tests of the four modes. Sourced after testing.bash, never run.

large=$repository/images/large
small=$repository/images/small
receivers=(r1 r2 r3)
addresses=10.77.0.11,10.77.0.12,10.77.0.13
group=224.1.1.5

# same_files DIRECTORY DIRECTORY: the same names with the same bytes, and nothing else (`diff` says what differs).
same_files() { diff -r "$1" "$2"; }

# same_sequence SENT-DIRECTORY RECEIVED-FILE…: naive files have no names, so they are compared in order of arrival.
same_sequence() {
  local sent=("$1"/*.jpg) i=0 file
  shift
  expect_equal $# ${#sent[@]} "number of images"
  for file; do
    cmp "${sent[i]}" "$file"
    i=$((i + 1))
  done
}

# Waits until N files of a transfer are in FOLDER.
files_in() { # FOLDER N
  timeout 60 bash -c 'until (($(ls "$1" 2>/dev/null | wc -l) >= $2)); do sleep 0.02; done' - "$1" "$2" || { echo "no $2 files in $1 within 60 s"; exit 1; }
}

# The options of sender and receivers in each mode: $to, $receive (arrays).
options_of() {
  case $1 in
    unicast | tcp) to=(--to "$addresses") receive=() ;;
    broadcast) to=(--to 10.77.0.255 --receivers 3) receive=() ;;
    multicast) to=(--to "$group" --interface eth1 --receivers 3) receive=(--group "$group" --interface eth1) ;;
  esac
  ready=--ready-udp
  [[ $1 != tcp ]] || ready=--ready-tcp
}

# Sets $some to a folder with half of the large images, for cases in which size proves nothing.
some_of_the_large() {
  some=$scratch/some
  mkdir "$some"
  cp "$large"/0[1-4]*.jpg "$some"
}
