#!/usr/bin/env bash
# --trace and --pcap of real sessions, compared with their schema, the reports of the run, and tcpdump's capture.
source "$(dirname "$0")/testing.bash"
tools=$repository/Tests/lab
schema=$repository/Specs/trace.schema.json
script=$repository/Tools/wireshark/gallery.lua

need() { # COMMAND-OR-MODULE…
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || python3 -c "import $tool" 2>/dev/null || skip "$tool is missing: apt-get install tshark gnuplot-nox python3-jsonschema"
  done
}

# Over a lab host's own loopback, both sides traced: session NAME OPTIONS-OF-SEND…
session() {
  [[ -n ${GALLERY_LAB_ID:-} ]] || start_lab --receivers 1
  lab exec s timeout 200 "$gallery" receive --into "$scratch/inbox-$1" --json --trace "$scratch/$1-r.qlog" \
    --pcap "$scratch/$1-r.pcap" --ready-file "$scratch/$1.ready" >"$scratch/$1-r.json" 2>"$scratch/$1-r.err" &
  local receiver=$!
  wait_for_file "$scratch/$1.ready"
  lab exec s timeout 200 "$gallery" send "$repository/images/small" --to 127.0.0.1 --mtu 1500 --json \
    --trace "$scratch/$1-s.qlog" --pcap "$scratch/$1-s.pcap" "${@:2}" >"$scratch/$1-s.json"
  wait "$receiver"
}

agree() { # NAME: traces of both sides against their reports and the schema
  python3 "$tools/traced.py" schema "$schema" "$scratch/$1-s.qlog" "$scratch/$1-r.qlog"
  python3 "$tools/traced.py" sender "$scratch/$1-s.qlog" "$scratch/$1-s.json"
  python3 "$tools/traced.py" receiver "$scratch/$1-r.qlog" "$scratch/$1-r.json"
}

case_drop() {
  need jsonschema
  session drop --drop 5% --seed 7
  agree drop
  grep -q 'random_loss' "$scratch/drop-s.qlog"
}

case_no_loss() {
  need jsonschema
  session whole
  agree whole
}

case_damage() { # reordering, doubles, damage and delay
  need jsonschema
  session damage --impair 'corrupt:2%;dup:3%;reorder:5%;delay:2ms;jitter:1ms' --seed 3
  agree damage
  grep -q 'checksum_mismatch' "$scratch/damage-r.qlog"
}

case_pcap_decodes() {
  need tshark
  session pcap --drop 5% --seed 7
  local side
  for side in s r; do
    expect_equal "$(tshark -X "lua_script:$script" -r "$scratch/pcap-$side.pcap" -Y \
      '!gallery || _ws.malformed || gallery.duplicate || gallery.resent || !(gallery.checksum.status == 1)' 2>/dev/null | wc -l)" 0 \
      "odd datagrams in the capture of $side"
    expect_equal "$(tshark -o ip.check_checksum:TRUE -r "$scratch/pcap-$side.pcap" -Y 'ip.checksum.status == 0' 2>/dev/null | wc -l)" 0 \
      "wrong IP checksums in the capture of $side"
  done
  expect_equal "$(payloads_to_receiver "$scratch/pcap-s.pcap" 'udp.dstport == 25000')" \
    "$(payloads_to_receiver "$scratch/pcap-r.pcap" 'udp.dstport == 25000')" "what was sent and what was received"
}

# Addresses, ports and payload of each datagram, in order, and a checksum of all: CAPTURE FILTER
datagrams() {
  tshark -r "$1" -Y "$2" -T fields -e ip.src -e udp.srcport -e ip.dst -e udp.dstport -e udp.length -e udp.payload 2>/dev/null
}
payloads() { datagrams "$@" | md5sum; }
# A receiver ends with the first *close* (magic, version 2, type 10). Another close may follow, as the answer to another *complete*.
payloads_to_receiver() {
  datagrams "$@" | awk -F'\t' '$6 ~ /^47020a/ {held = held $0 "\n"; next} {printf "%s", held; held = ""; print}' | md5sum
}
from_to() { tshark -r "$1" -Y "$2" -T fields -e ip.src -e ip.dst -e udp.dstport 2>/dev/null | sort | uniq -c; }

case_pcap_is_the_wire() { # the same datagrams, in the same order, with the same addresses, as tcpdump sees on the wire
  need tshark
  lab run --receivers 1 --loss 5 --ready-udp 25000 --logs "$scratch" --capture "s=$scratch/wire-s.pcap" \
    --capture "r1=$scratch/wire-r.pcap" --timeout 200 -- \
    sh -c "exec $gallery send $repository/images/small --to 10.77.0.11 --pcap $scratch/own-s.pcap" --- \
    "$gallery" receive --into "$scratch/inbox" --pcap "$scratch/own-r.pcap"
  local filter
  for filter in 'ip.src == 10.77.0.1' 'ip.src == 10.77.0.11'; do
    expect_equal "$(payloads "$scratch/own-s.pcap" "$filter")" "$(payloads "$scratch/wire-s.pcap" "udp && $filter")" "the sender's, $filter"
  done
  expect_equal "$(payloads "$scratch/own-r.pcap" 'ip.src == 10.77.0.11')" "$(payloads "$scratch/wire-r.pcap" 'udp && ip.src == 10.77.0.11')" \
    "the receiver's own"
  expect_equal "$(payloads_to_receiver "$scratch/own-r.pcap" 'ip.src == 10.77.0.1')" \
    "$(payloads_to_receiver "$scratch/wire-r.pcap" 'udp && ip.src == 10.77.0.1')" "what the receiver got"
  (($(from_to "$scratch/own-s.pcap" 'udp' | wc -l) == 2)) || { from_to "$scratch/own-s.pcap" udp; exit 1; }
}

case_group() { # three receivers of a multicast, each with a trace of its own
  need jsonschema gnuplot
  lab run --receivers 3 --loss 3 --ready-udp 25000 --logs "$scratch" --timeout 200 -- \
    sh -c "exec $gallery send $repository/images/small --mode multicast --to 224.1.1.5 --interface eth1 --receivers 3 --json \
      --trace $scratch/s.qlog >$scratch/s.json" --- \
    sh -c "exec $gallery receive --mode multicast --group 224.1.1.5 --interface eth1 --into $scratch/{host} --json \
      --trace $scratch/{host}.qlog >$scratch/{host}.json"
  python3 "$tools/traced.py" schema "$schema" "$scratch"/*.qlog
  python3 "$tools/traced.py" sender "$scratch/s.qlog" "$scratch/s.json"
  local host
  for host in r1 r2 r3; do python3 "$tools/traced.py" receiver "$scratch/$host.qlog" "$scratch/$host.json"; done
  "$gallery" trace "$scratch/s.qlog" --plot "$scratch/s.svg" >"$scratch/summary"
  expect_contains "$(<"$scratch/summary")" "finished after" "summary"
  expect_equal "$(grep -o 'smoothed RTT, receiver [0-9a-f]*' "$scratch/s.svg" | sort -u | wc -l)" 3 "lines of RTT in the picture"
}

case_summary() { # each of its numbers is the report's
  session sum --drop 5% --seed 7
  local summary
  summary=$("$gallery" trace "$scratch/sum-s.qlog")
  expect_contains "$summary" "$(python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))[0]
print("sent     {datagramsSent} = {firstDatagrams} first + {repairDatagrams} repair + 0 parity + {controlDatagrams} control".format(**r))' \
    "$scratch/sum-s.json")" "the sender's identity"
  summary=$("$gallery" trace --json "$scratch/sum-r.qlog")
  expect_equal "$(json_number "$(grep '"chunksAskedFor"' <<<"$summary")" chunksAskedFor)" \
    "$(json_number "$(grep '"chunksAskedFor"' "$scratch/sum-r.json")" chunksAskedFor)" "chunks asked for"
}

case_errors() {
  expect_exit 2 "$gallery" trace /etc/hostname
  expect_equal "$(wc -l <<<"$output")" 1 "lines: $output"
  expect_exit 2 "$gallery" trace "$scratch/none.qlog"
  expect_contains "$output" "No such file or directory" "message"
  expect_exit 2 "$gallery" send "$repository/images/small" --to 127.0.0.1:9 --quiet --trace "$scratch/none/run.qlog"
  expect_equal "$output" "gallery: cannot write to $scratch/none/run.qlog: No such file or directory; name another file" "message"
  expect_exit 64 "$gallery" send "$repository/images/small" --to 127.0.0.1 --mode tcp --trace "$scratch/run.qlog"
}

case_full_disk() { # the transfer goes on, and says so
  start_lab --receivers 1
  lab exec s timeout 200 "$gallery" receive --into "$scratch/inbox" --ready-file "$scratch/ready" 2>"$scratch/r.err" &
  wait_for_file "$scratch/ready"
  lab exec s timeout 200 "$gallery" send "$repository/images/small" --to 127.0.0.1 --trace /dev/full --pcap /dev/full 2>"$scratch/s.err"
  wait "$!"
  expect_equal "$(grep -c '/dev/full stopped' "$scratch/s.err")" 2 "notices"
}

case_several() { # two destinations, a file each; --keep, a file each
  start_lab --receivers 1
  local port
  for port in 25001 25002; do
    lab exec s timeout 200 "$gallery" receive --port "$port" --ready-file "$scratch/$port.ready" \
      --into "$scratch/inbox-$port" 2>"$scratch/$port.err" &
    wait_for_file "$scratch/$port.ready"
  done
  lab exec s timeout 200 "$gallery" send "$repository/images/small" --to 127.0.0.1:25001,127.0.0.1:25002 --quiet --trace "$scratch/run.qlog"
  wait
  expect_equal "$(cd "$scratch" && echo *.qlog)" "run-127.0.0.1-25001.qlog run-127.0.0.1-25002.qlog" "files"
}

test_case "a session with drops: the trace is valid and agrees with both reports" case_drop
test_case "a session without loss" case_no_loss
test_case "damage, doubles and reordering: each is in the trace" case_damage
test_case "captures decode, with sound headers; sent and received are the same" case_pcap_decodes
test_case "a capture of our own holds what tcpdump sees on the wire" case_pcap_is_the_wire
test_case "a multicast to three receivers: four traces, one picture" case_group
test_case "the summary's numbers are the report's" case_summary
test_case "errors are one line" case_errors
test_case "a full disk ends the trace, not the transfer" case_full_disk
test_case "several sessions write several files" case_several
finish
