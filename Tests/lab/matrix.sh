#!/usr/bin/env bash
# Extreme values in every field of every message, in each phase, against real `gallery send` and `gallery receive`
# processes; hostile manifests; random datagrams. The peers are in Tests/lab/peer. A process may end only by its own
# decision, only a whole set may be reported as a success, and an honest transfer must be whole afterwards.
#
# GALLERY_FULL=1: more pairs of fields, longer fuzzing. SEED=N: other random datagrams.
source "$(dirname "$0")/testing.bash"
source "$(dirname "$0")/hostile.bash"

case_receiver() { hostile matrix.py receiver; }
case_sender() { hostile matrix.py sender; }
case_group_receiver() { hostile matrix.py receiver --group --pairs 0; }
case_group_sender() { hostile matrix.py sender --group; }
case_manifests() { hostile manifests.py --at-once 3; }
case_fuzz() { hostile fuzz.py --at-once 2; }

test_case "a receiver survives extreme values" case_receiver
test_case "a sender survives extreme values" case_sender
test_case "a member of a group survives extreme values" case_group_receiver
test_case "a group's sender survives extreme values" case_group_sender
test_case "hostile manifests" case_manifests
test_case "random datagrams" case_fuzz
finish
