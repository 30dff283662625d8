#!/usr/bin/env bash
# The example programs of the libraries. GALLERY_FULL=1: also their own package, as others would have it, is built outside.
source "$(dirname "$0")/testing.bash"
share=$repository/.build/release/share

# One host sends by the library, and the others receive by it and by the program.
case_share() {
  local small=$repository/images/small receivers=()
  start_lab --receivers 2
  lab exec r1 timeout 60 "$share" receive "$scratch/one" >"$scratch/one.txt" &
  receivers+=($!)
  wait_until is_bound_in r1 25000
  expect_exit 0 lab exec s timeout 60 "$share" send 10.77.0.11 "$small"
  expect_contains "$output" "20 files verified" "the sender"
  wait "${receivers[0]}"
  expect_contains "$(<"$scratch/one.txt")" "20 files from 10.77.0.1:" "the receiver"
  diff -r "$small" "$scratch/one"
  # The program finds a receiver of the library.
  lab exec r2 timeout 60 "$share" receive "$scratch/two" >"$scratch/two.txt" &
  receivers+=($!)
  wait_until is_bound_in r2 25000
  expect_exit 0 lab exec s timeout 60 "$gallery" send "$small" --receivers 1
  wait "${receivers[1]}"
  diff -r "$small" "$scratch/two"
  # Nobody listens.
  expect_exit 0 lab exec s timeout 60 "$share" send 10.77.0.11 "$scratch/none"
  expect_contains "$output" "share: no such folder: $scratch/none" "a folder that does not exist"
}

# The same link twice: the same datagrams are lost.
case_lossy_link() {
  local first
  expect_exit 0 "$repository/.build/release/lossy-link" 20
  first=$output
  expect_contains "$first" "every byte is equal" "20 % lost"
  expect_exit 0 "$repository/.build/release/lossy-link" 20
  expect_equal "$output" "$first" "the second run"
}

# Every public symbol says what it is, and every link of the pages leads somewhere.
case_site() {
  expect_exit 0 "$repository/Tools/site" --into "$scratch/site"
  [[ -s $scratch/site/api/index.html && -s $scratch/site/README.html ]]
  expect_equal "$(grep -c '<figure><svg' "$scratch/site/Specs/chunked-udp.html")" 4 "the drawings of the machines"
}

case_own_package() {
  cp -r "$repository/Examples" "$scratch/package"
  sed -i "s|path: \"..\"|path: \"$repository\"|" "$scratch/package/Package.swift"
  timeout 1500 swift build --package-path "$scratch/package" || { echo "the examples do not build"; exit 1; }
  expect_exit 0 "$scratch/package/.build/debug/lossy-link" 20
  expect_contains "$output" "every byte is equal" "20 % lost"
}

test_case "a program of the library sends and receives, also with gallery" case_share
test_case "a session without sockets is the same twice" case_lossy_link
test_case "the site is whole: symbols, pages, links, drawings" case_site
[[ -z ${GALLERY_FULL:-} ]] || case_seconds=1600 test_case "the examples build in a package of their own" case_own_package
finish
