#!/usr/bin/env bash
# Every command that README.md, Specs/guide.md and the help texts print runs as printed, in a lab that has the addresses
# and the interface they name; and the guide's figures are those of this build. Sweeps are in documented-sweeps.sh.
source "$(dirname "$0")/documented.bash"

case_figures() { "$repository/Tools/guide-figures" --check; }
case_transfers() { documented net; }

test_case "the sends and receives of README, guide and help" case_transfers
test_case "the guide's figures" case_figures
finish
