#!/usr/bin/env bash
# The start of the program: which libraries it loads and when, and that a command's own parser answers as that of the program.
source "$(dirname "$0")/testing.bash"

# None of a window, of sound, of Unicode's tables, of captures, and none of Swift's or C++'s: they are inside, or loaded when
# needed.
case_libraries() {
  local names
  names=$(ldd "$gallery" | awk '{print $1}')
  expect_contains "$names" libc.so "the libraries"
  ! grep -iE 'SDL|X11|xcb|wayland|pulse|asound|icu|Foundation|libswift|stdc|dispatch|pcap|dbus|png|jpeg' <<<"$names" ||
    { echo "loaded at each start"; exit 1; }
  # A part of Foundation that brings Unicode's tables along makes the program three times as large.
  ! grep -aq icudt "$gallery" || { echo "Unicode's tables are in the program"; exit 1; }
}

# hide NAME…: a command in front of which these libraries are not there, as on a host without them: the loader looks for each
# by its file's name, and finds an empty file.
hide() {
  local library
  mkdir "$scratch/hidden"
  for library in "$@"; do : >"$scratch/hidden/$library"; done
}

# A host without the library of windows, and one without that of captures: all else works.
case_missing() {
  local hidden="env LD_LIBRARY_PATH=$scratch/hidden" small=$repository/images/small
  hide libSDL2-2.0.so.0 libSDL2.so libpcap.so.0.8 libpcap.so.1
  expect_exit 0 $hidden "$gallery" --version
  expect_exit 2 $hidden "$gallery" view "$small" --contact-sheet "$scratch/sheet.png"
  expect_equal "$output" \
    "gallery: there is no libSDL2-2.0.so.0 on this host: apt-get install libsdl2-2.0-0" "a sheet without the library"
  expect_exit 2 $hidden "$gallery" show --bind 127.0.0.1 --port 0 --into "$scratch/inbox"
  expect_equal "$output" \
    "gallery: there is no libSDL2-2.0.so.0 on this host: apt-get install libsdl2-2.0-0" "a window without the library"
  : >"$scratch/capture.pcap"
  expect_exit 2 $hidden "$gallery" account "$small" --capture "$scratch/capture.pcap"
  expect_contains "$output" "there is no libpcap.so.0.8 on this host: apt-get install libpcap0.8" "a capture"
  expect_exit 0 "$gallery" view "$small" --contact-sheet "$scratch/sheet.png"
}

# The help of each command that has no commands of its own is the same by all ways to it.
case_help() {
  local command
  for command in send receive show view compare account trace impairments doctor; do
    expect_exit 0 "$gallery" help "$command"
    expect_contains "$output" "USAGE: gallery $command" "help $command"
    expect_equal "$("$gallery" "$command" --help)" "$output" "$command --help"
    expect_equal "$("$gallery" "$command" -h)" "$output" "$command -h"
  done
  expect_exit 0 "$gallery" --version
  expect_contains "$output" "gallery 0.1" "--version"
  expect_equal "$("$gallery" send --version)" "$output" "send --version"
  expect_exit 64 "$gallery" sned images
  expect_contains "$output" "did you mean send?" "a mistyped command"
  expect_exit 64 "$gallery" send images --to 127.0.0.1 --rat 5Mbit
  expect_contains "$output" "Usage: gallery send" "a mistyped option"
}

test_case "the program loads no library of windows, sound or captures at its start" case_libraries
test_case "a host without such a library sends, and says what a window needs" case_missing
test_case "help, version and mistakes read the same by all ways" case_help
finish
