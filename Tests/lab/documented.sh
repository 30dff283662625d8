#!/usr/bin/env bash
# Every command that README.md, the guide with its sheets, and the help texts print is run as printed, in a lab with the
# addresses and the interface that they name. The sheets' figures must be those of this build. Sweeps are in
# documented-sweeps.sh.
source "$(dirname "$0")/documented.bash"

case_figures() { "$repository/Tools/sheet-figures" --check; }
case_transfers() { documented net; }

test_case "the sends and receives of README, guide and help" case_transfers
test_case "the sheets' figures" case_figures
finish
