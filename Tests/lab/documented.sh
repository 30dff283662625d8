#!/usr/bin/env bash
# Every command that README.md, the guide with its sheets, and the help texts print is run as printed, in a lab with the
# addresses and the interface that they name. The sheets' figures must be those of this build. Sweeps are in
# documented-sweeps.sh.
source "$(dirname "$0")/documented.bash"

case_figures() {
  local notebook=$repository/Tests/lab/notebook.py results=$scratch/results folder
  mkdir "$results"
  "$repository/Tools/sheet-figures" --check --keep "$results"
  # The tables that these runs wrote: their columns, and the notebook that draws them.
  python3 "$notebook" columns "$results"
  mkdir "$scratch/notebook"
  for folder in compare/comparison repairs/study modes/modes parity/parity; do ln -s "$results/$folder" "$scratch/notebook"; done
  if [[ -n ${GALLERY_FULL:-} ]]; then
    python3 "$notebook" execute "$scratch/notebook"
  else # without pandas the cells are only compiled
    python3 "$notebook" run "$scratch/notebook" || [[ $? == 3 ]]
  fi
}
case_printed() {
  local kind=--html page
  [[ -z ${GALLERY_FULL:-} ]] || kind=""
  # shellcheck disable=SC2086 # no word without GALLERY_FULL's
  "$repository/Tools/sheets" $kind --into "$scratch/sheets"
  for page in "$repository"/Specs/sheets/*.md; do
    page=$scratch/sheets/$(basename "$page" .md)
    grep -q "<h1" "$page.html"
    expect_equal "$(grep -oE 'src="[^"]{5}' "$page.html" | grep -vc 'src="data:' || true)" 0 "pictures that are not inside $page.html"
    [[ -n $kind ]] || head -c 5 "$page.pdf" | grep -q "%PDF-"
  done
}
case_transfers() { documented net; }

test_case "the sends and receives of README, guide and help" case_transfers
test_case "the sheets' figures" case_figures
test_case "the sheets as printed pages" case_printed
finish
