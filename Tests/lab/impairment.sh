#!/usr/bin/env bash
# Induced impairment in real runs has the effect that its options name, by direction, receiver and list. Every report balances.
source "$(dirname "$0")/testing.bash"
accounted=$repository/Tests/lab/accounted.py
small=$repository/images/small

# On a lab host's loopback: run NAME -- OPTIONS-OF-RECEIVE… -- OPTIONS-OF-SEND…: NAME-r.json, NAME-s.json, NAME-r.csv, NAME-s.csv
run() {
  [[ -n ${GALLERY_LAB_ID:-} ]] || start_lab --receivers 1
  local name=$1 receive=()
  shift 2
  while [[ $1 != -- ]]; do receive+=("$1"); shift; done
  shift
  lab exec s timeout 200 "$gallery" receive --into "$scratch/$name" --json --drop-trace "$scratch/$name-r.csv" \
    --ready-file "$scratch/$name.ready" "${receive[@]}" >"$scratch/$name-r.json" 2>"$scratch/$name-r.err" &
  local receiver=$!
  wait_for_file "$scratch/$name.ready"
  lab exec s timeout 200 "$gallery" send "$small" --to 127.0.0.1 --mtu 1500 --json --drop-trace "$scratch/$name-s.csv" \
    "$@" >"$scratch/$name-s.json" 2>"$scratch/$name-s.err"
  wait "$receiver"
  diff -r "$small" "$scratch/$name"
  python3 "$accounted" balance "$scratch/$name-s.json" "$scratch/$name-r.json"
}
lines() { python3 "$accounted" lines "$scratch/$1" "${@:2}"; }
count() { python3 "$accounted" term "$scratch/$1" "${@:2}"; }

case_nothing() { # no impairment: no line but the head, nothing missing, nothing twice
  run plain -- --account -- --account
  run plain2 -- --
  expect_equal "$(cat "$scratch/plain-r.csv" "$scratch/plain-s.csv" | sort -u | wc -l)" 1 "lines of the drop traces"
  expect_equal "$(grep -c '"lostOnNetwork" : 0' "$scratch/plain-r.json")" 1 "lost on the network"
  python3 "$accounted" pair "$scratch/plain-s.json" "$scratch/plain-r.json"
  grep -q 'accounting (balanced):' "$scratch/plain-s.err"
  grep -Eq '^  received [0-9]+ datagrams = [0-9]+ new \+ 0 duplicate \+ 0 late \+ 0 corrupt' "$scratch/plain-r.err"
}

case_everything() { # all of it, each way, at both ends: all balances, and what one side handed over the other has
  run all -- --impair 'loss 3%; dup 3%; corrupt 3%; reorder 3%; delay 1ms; jitter 1ms' --seed 3 -- \
    --impair 'loss 3%; dup 3%; corrupt 3%; reorder 3%' --seed 4
  python3 "$accounted" pair "$scratch/all-s.json" "$scratch/all-r.json"
  expect_between "$(count all-r.json received duplicate)" 10 200 "duplicates"
  expect_between "$(count all-r.json due necessary)" 5 500 "necessary NACKs"
}

case_losses_apart() { # induced here, induced there (which the sender's close says)
  run apart -- --drop 'in: 4%' --seed 3 -- --drop 'out: 4%' --seed 4
  python3 - "$scratch/apart-r.json" "$(lines apart-r.csv direction=incoming)" "$(lines apart-s.csv direction=outgoing)" <<'PY'
import json, sys
missing = json.load(open(sys.argv[1]))["missing"]
here, there = int(sys.argv[2]), int(sys.argv[3])
print(missing, here, there)
# Drops before the first datagram that arrived, or behind the last one, are not missing between them.
assert missing["count"] == missing["droppedOnPurpose"] + missing["droppedBySender"], missing
assert 0 <= here - missing["droppedOnPurpose"] <= 2 and 0 <= there - missing["droppedBySender"] <= 2
assert missing["corrupt"] == missing["droppedAtSocket"] == 0
PY
}

case_same_seed() { # chosen by packet number: the run that is slower, and sends more, has the same fates
  local text='loss 5%; corrupt 2%; dup 2%; reorder 2%'
  run one -- --impair "in: $text" --seed 5 -- --impair "out: $text" --seed 6
  run two -- --impair "in: $text" --seed 5 -- --impair "out: $text" --seed 6 --rate 20Mbit
  python3 "$accounted" same "$scratch/one-s.csv" "$scratch/one-s.json" "$scratch/two-s.csv" "$scratch/two-s.json" outgoing
  run back -- --impair "out: loss 20%" --seed 5 -- --drop 10%
  run back2 -- --impair "out: loss 20%" --seed 5 -- --drop 10% --rate 20Mbit
  python3 - "$scratch/back-r.csv" "$scratch/back-r.json" "$scratch/back2-r.csv" "$scratch/back2-r.json" <<'PY'
import csv, json, sys
# NACKs and reports have the receiver's own packet numbers.
def sent(path): return next(e["left"][0]["count"] for e in json.load(open(path))["accounting"]["equations"] if e["left"][0]["name"] == "sent")
limit = min(sent(sys.argv[2]), sent(sys.argv[4]))
one, two = ({int(l["packet_number"]): l["fate"] for l in csv.DictReader(open(p)) if int(l["packet_number"]) < limit} for p in (sys.argv[1], sys.argv[3]))
assert one == two and one, (one, two)
PY
  run other -- --impair "in: $text" --seed 5 -- --impair "out: $text" --seed 7
  if python3 "$accounted" same "$scratch/one-s.csv" "$scratch/one-s.json" "$scratch/other-s.csv" "$scratch/other-s.json" outgoing; then
    echo "another seed has the same fates"; exit 1
  fi
}

case_lists() { # drop datagram 17; the first NACK; every end message: those and no others
  run l17 -- -- --impair 'out: drop datagram 17'
  expect_equal "$(tail -n +2 "$scratch/l17-s.csv" | cut -d, -f1,2,4)" "outgoing,17,listed" "the drop trace"
  run lnack -- -- --impair 'out: loss 5%' --impair 'in: drop the first NACK'
  expect_equal "$(lines lnack-s.csv direction=incoming)" 1 "dropped on the way in"
  expect_equal "$(lines lnack-s.csv direction=incoming type=nack fate=listed)" 1 "the first NACK"
  run ends -- --trace "$scratch/ends.qlog" --
  run lend -- --trace "$scratch/lend.qlog" -- --impair 'out: drop every end message'
  local ends='"gallery:datagram_received".*"type":"end"'
  expect_between "$(grep -c "$ends" "$scratch/ends.qlog")" 1 100 "ends that arrive without it"
  expect_equal "$(grep -c "$ends" "$scratch/lend.qlog" || true)" 0 "ends that arrived"
  expect_between "$(lines lend-s.csv)" 1 100 "ends dropped"
  expect_equal "$(lines lend-s.csv)" "$(lines lend-s.csv type=end fate=listed)" "dropped: ends only"
}

case_direction() { # in: and out: touch one way each
  run in -- --drop 'in: 10%' --
  expect_equal "$(lines in-r.csv)" "$(lines in-r.csv direction=incoming)" "lines of the receiver"
  run out -- --impair 'out: loss 10%' --
  expect_equal "$(lines out-r.csv)" "$(lines out-r.csv direction=outgoing)" "lines of the receiver"
  expect_equal "$(grep -c '"repairDatagrams" : 0' "$scratch/out-s.json")" 1 "reports without repairs"
}

case_receivers() { # send to several: only the second's path is bad
  start_lab --receivers 1
  local port
  for port in 25001 25002; do
    lab exec s timeout 200 "$gallery" receive --port "$port" --ready-file "$scratch/$port.ready" \
      --into "$scratch/inbox-$port" 2>"$scratch/$port.err" &
    wait_for_file "$scratch/$port.ready"
  done
  lab exec s timeout 200 "$gallery" send "$small" --to 127.0.0.1:25001,127.0.0.1:25002 --mtu 1500 --quiet \
    --impair 'r2 out: loss 20%' --drop-trace "$scratch/run.csv"
  wait
  expect_equal "$(lines run-127.0.0.1-25001.csv)" 0 "drops on the way to the first"
  expect_between "$(lines run-127.0.0.1-25002.csv direction=outgoing)" 50 1000 "drops on the way to the second"
}

case_reconcile() { # each datagram that was taken away was asked for; a loss that nobody noticed is found
  run rec -- --impair 'in: loss 8%; corrupt 2%' --trace "$scratch/rec-r.qlog" -- --trace "$scratch/rec-s.qlog"
  local text
  text=$("$gallery" trace "$scratch/rec-r.qlog" --drops "$scratch/rec-r.csv")
  expect_contains "$text" " + 0 not noticed" "the receiver's trace"
  expect_between "$(sed -nE 's/^  ([0-9]+) data datagrams taken.*/\1/p' <<<"$text")" 30 200 "losses"
  expect_contains "$("$gallery" trace "$scratch/rec-s.qlog" --drops "$scratch/rec-r.csv")" " + 0 not noticed" "the sender's trace"
  # Remove every event about one lost chunk from the trace, as if the receiver had never missed this chunk.
  python3 - "$scratch/rec-r.csv" "$scratch/rec-r.qlog" "$scratch/blind.qlog" <<'PY'
import csv, json, sys
chunk = next(int(l["chunk"]) for l in csv.DictReader(open(sys.argv[1])) if l["type"] == "data")
with open(sys.argv[3], "wb") as out:
    for piece in open(sys.argv[2], "rb").read().split(b"\x1e")[1:]:
        data = json.loads(piece).get("data", {})
        if data.get("chunk") == chunk or any(f <= chunk < f + n for f, n in data.get("ranges", [])):
            continue
        out.write(b"\x1e" + piece)
PY
  expect_exit 8 "$gallery" trace "$scratch/blind.qlog" --drops "$scratch/rec-r.csv"
  expect_contains "$output" "not noticed: chunks" "what it says"
  expect_exit 2 "$gallery" trace "$scratch/rec-r.qlog" --drops /etc/hostname
  expect_contains "$output" "not a drop trace" "what it says"
}

case_corruption() { # 5 % damaged each way: each is counted as corrupt, none is accepted, the files are intact
  run bad -- --impair 'in: corrupt 5%' --seed 3 -- --impair 'in: corrupt 5%' --seed 3
  python3 "$accounted" corrupt "$scratch/bad-r.csv" "$scratch/bad-r.json"
  expect_equal "$(lines bad-s.csv direction=incoming)" "$(count bad-s.json received corrupt)" "the sender's"
  expect_between "$(count bad-r.json received corrupt)" 20 80 "corrupt datagrams"
}

case_truncation() { # the same with cut ends
  run cut -- --impair 'in: truncate 5%' --seed 3 -- --impair 'in: truncate 5%' --seed 3
  python3 "$accounted" corrupt "$scratch/cut-r.csv" "$scratch/cut-r.json"
  expect_equal "$(lines cut-s.csv direction=incoming)" "$(count cut-s.json received corrupt)" "the sender's"
  expect_between "$(count cut-r.json received corrupt)" 20 80 "truncated datagrams"
}

case_presets() { # each of them, in a real run
  local preset
  for preset in $("$gallery" impairments --json | sed -nE 's/.*"name" : "(.*)".*/\1/p'); do
    run "$preset" -- --impair "in: $preset" -- --impair "in: $preset"
    expect_contains "$("$gallery" impairments)" "  $preset " "the list of presets"
  done
}

case_naive() { # by number
  start_lab --receivers 1
  lab exec s timeout 200 "$gallery" receive --protocol naive --into "$scratch/in" --json \
    --ready-file "$scratch/ready" >"$scratch/r.json" 2>"$scratch/r.err" &
  wait_for_file "$scratch/ready"
  lab exec s timeout 200 "$gallery" send "$small" --protocol naive --to 127.0.0.1 --wait 0s --json \
    --impair 'out: drop datagrams 3, 5-6' >"$scratch/s.json"
  wait
  expect_equal "$(find "$scratch/in" -type f | wc -l)" 17 "images"
  expect_equal "$(count s.json made 'dropped on purpose')" 3 "dropped"
  python3 "$accounted" balance "$scratch/s.json" "$scratch/r.json"
}

case_tcp() { # a connection's bytes, at both ends
  start_lab --receivers 1
  lab exec s timeout 200 "$gallery" receive --mode tcp --into "$scratch/in" --ready-file "$scratch/ready" \
    --json >"$scratch/r.json" 2>"$scratch/r.err" &
  wait_for_file "$scratch/ready"
  lab exec s timeout 200 "$gallery" send "$small" --mode tcp --to 127.0.0.1 --json >"$scratch/s.json" 2>"$scratch/s.err"
  wait
  python3 "$accounted" balance "$scratch/s.json" "$scratch/r.json"
  expect_equal "$(count s.json 'handed to the socket' 'handed to the socket')" "$(count r.json received received)" "bytes"
}

case_unbalanced() { # one count of a real report that is off: both sums, the side that lacks something, exit code 8
  run sum -- -- --drop 5% --seed 3
  local report
  for report in sum-s.json sum-r.json; do
    expect_exit 0 "$gallery" account --report "$scratch/$report"
    expect_contains "$output" "accounting (balanced):" "$report"
    python3 - "$scratch/$report" "$scratch/off.json" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
part = report[0] if isinstance(report, list) else report
part["accounting"]["equations"][0]["right"][0]["count"] -= 1
json.dump(report, open(sys.argv[2], "w"))
PY
    expect_exit 8 "$gallery" account --report "$scratch/off.json"
    expect_contains "$output" "accounting (NOT balanced):" "$report"
    expect_contains "$output" "the right side" "$report"
    expect_contains "$output" "lacks 1" "$report"
  done
  expect_exit 2 "$gallery" account --report "$small/../README.md"
  expect_contains "$output" "no report of a run" "what it says"
  expect_exit 64 "$gallery" account
}

case_usage() {
  expect_exit 64 "$gallery" send "$small" --to 127.0.0.1 --impair 'r2 out: 5%'
  expect_contains "$output" "no receiver r2" "message"
  expect_exit 64 "$gallery" receive --impair 'r1 in: 5%'
  expect_contains "$output" "only a sender to several" "message"
  expect_exit 64 "$gallery" send "$small" --to 127.0.0.1 --impair 'drop the last NACK'
  expect_exit 64 "$gallery" send "$small" --to 127.0.0.1 --protocol naive --drop 'delay 5ms'
  expect_exit 64 "$gallery" send "$small" --to 127.0.0.1 --mode tcp --drop-trace "$scratch/run.csv"
  expect_exit 64 "$gallery" receive --protocol naive --drop 'out: 100%'
  expect_contains "$output" "a naive receiver sends nothing" "message"
}

test_case "no impairment: nothing in the drop trace, and it balances" case_nothing
test_case "everything at once, each way: every report balances, and both sides agree" case_everything
test_case "losses on purpose and on the network are counted apart" case_losses_apart
test_case "the same seed, the same fates, at another speed; another seed, others" case_same_seed
test_case "drop datagram 17, the first NACK, every end message" case_lists
test_case "in: and out: are one direction" case_direction
test_case "one of two receivers has the bad path" case_receivers
test_case "the drop trace is reconciled with the NACKs" case_reconcile
test_case "5 % corrupted: each counted, none accepted" case_corruption
test_case "5 % truncated: each counted as damaged, none accepted" case_truncation
test_case "every preset in a real run" case_presets
test_case "naive: datagrams by number, one direction" case_naive
test_case "TCP: the bytes balance" case_tcp
test_case "a report with a count that is off: exit code 8" case_unbalanced
test_case "wrong usage says so" case_usage
finish
