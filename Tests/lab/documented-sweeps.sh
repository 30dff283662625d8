#!/usr/bin/env bash
# The commands of README.md, the guide with its sheets, and the help texts that send nothing through the lab. All commands
# that take longer than ten seconds are among them. They mostly sleep, and run side by side. See documented.sh.
source "$(dirname "$0")/documented.bash"

case_rest() { documented rest; }

test_case "all other commands of README, guide and help" case_rest
finish
