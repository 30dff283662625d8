#!/usr/bin/env bash
# gallery compare and study: their output, and the files that they leave.
source "$(dirname "$0")/testing.bash"

make_set() {
  mkdir "$scratch/set" "$scratch/tmp"
  cp "$repository"/images/small/0[1-4]-*.jpg "$scratch/set"
  export TMPDIR=$scratch/tmp
  cd "$scratch"
}

case_files() {
  make_set
  expect_exit 0 "$gallery" compare set --loss 0,5 --trials 1 --wait 0.1s
  expect_equal "$(python3 -c 'import sys; print(*(l for l in sys.stdin.read().splitlines() if len(l) > 105))' <<<"$output")" \
    "" "lines wider than a page"
  expect_contains "$output" "wrote plots, contact sheets and numbers: comparison/" "where they are"
  local name
  for name in images.svg images.png overhead.svg results.csv summary.json sheet-naive-5.png sheet-chunked-5.png \
    sheet-chunked-5-unrepaired.png sheet-naive-tcp-killed.png; do
    [[ -s comparison/$name ]] || { echo "no comparison/$name"; exit 1; }
  done
  # The next one's sheets do not stand among those of this one.
  expect_exit 0 "$gallery" compare set --loss 10 --trials 1 --wait 0.1s
  expect_equal "$(ls comparison/sheet-*-5* 2>/dev/null | wc -l)" 0 "sheets of the earlier comparison"
  expect_equal "$(ls tmp)" "" "temporary copies"
}

case_wrong_folder() {
  make_set
  touch file
  expect_exit 2 "$gallery" compare set --loss 0 --trials 1 --wait 0.1s --into file
  expect_equal "$output" "gallery: cannot write file: it is a file; name a folder" "message"
  expect_exit 2 "$gallery" study --simulated --loss 0 --receivers 1 --trials 1 --into file
  expect_equal "$output" "gallery: cannot write file: it is a file; name a folder" "message"
  expect_exit 2 "$gallery" study merge nosuch --into whole
  expect_equal "$output" "gallery: cannot read nosuch: No such file or directory" "message"
  expect_exit 64 "$gallery" study --simulated --loss 0,5 --timeline 7
  expect_contains "$output" "not among the losses of the sweep: 0 %, 5 %" "message"
  expect_contains "$output" "See 'gallery study --help'" "a command that there is"
}

test_case "compare writes what README says, and a table that fits a page" case_files
test_case "wrong folders and losses are one line" case_wrong_folder
finish
