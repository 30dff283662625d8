#!/usr/bin/env bash
# Tools/bench with the smallest inputs. These cases test that it works, not its figures; only the instruction counts are exact.
source "$(dirname "$0")/testing.bash"

bench() { "$repository/Tools/bench" --out "$scratch/out" "$@" 2>"$scratch/bench.err" || { cat "$scratch/bench.err"; return 1; }; }
# value TOOL COLUMN: a value of bench.csv; the columns have names.
value() {
  awk -F, -v tool="$1" -v name="$2" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) column = i} $1 == tool {print $column}' \
    "$scratch/out/bench.csv"
}
expect_ended() { # RUNS TOOL…
  local tool
  for tool in "${@:2}"; do expect_equal "$(value "$tool" endedRuns)" "$1" "runs of $tool that ended"; done
}

case_loopback() {
  bench --loopback --megabytes 2 --runs 2 --loss 0 --tools raw,raw-file,raw-chunk,gallery,keyed,tcp-file,uftp >"$scratch/table"
  expect_ended 2 raw raw-file raw-chunk gallery keyed tcp-file
  expect_equal "$(value tcp-file cpuRatioToTcpFile)" 1.0000 "CPU against itself"
  expect_equal "$(value raw ratioToRaw)" 1.0000 "raw against itself"
  expect_contains "$(<"$scratch/table")" "left out: uftp (needs an interface of its own)" "who is left out, and why"
  [[ -s $scratch/out/bench.svg && -s $scratch/out/bench.png ]]
}
case_group() {
  require_root
  bench --receivers 2 --megabytes 2 --runs 1 --loss 0,5 --tools raw-file,raw-chunk,gallery,bbr >"$scratch/table"
  expect_equal "$(value gallery endedRuns | tr '\n' ' ')" "1 1 " "gallery to two receivers, at 0 and at 5 %"
  expect_equal "$(value raw-chunk endedRuns | tr '\n' ' ')" "1 1 " "raw-chunk with loss: what arrives"
  expect_equal "$(value raw-file endedRuns | tr '\n' ' ')" "1 " "raw-file, a ceiling, only without loss"
  expect_contains "$(<"$scratch/table")" "left out: bbr (to one receiver only)" "who cannot speak to a group"
  bench --receivers 2 --megabytes 2 --runs 1 --loss 0 --tools gallery --shape 40mbit >"$scratch/table"
  expect_contains "$(<"$scratch/table")" "a bottleneck of 40mbit" "the bottleneck, by its name"
  expect_equal "$(value gallery gigabitsPerSecond | awk '{print ($1 > 0 && $1 < 0.04)}')" 1 "no more than the bottleneck carries"
}
case_paths() {
  require_root
  "$repository/Tools/bench-paths" --cells cubic --seconds 5 --out "$scratch/out" >"$scratch/table"
  expect_equal "$(grep -c '^cubic  *\(gallery\|TCP cubic\)  *0\.[0-9]*[1-9]' "$scratch/table")" 2 "flows that share the bottleneck"
}
case_small() {
  bench --small --loopback --files 100 --runs 1 >"$scratch/table"
  expect_contains "$(<"$scratch/table")" "images/small" "the images' line"
  expect_contains "$(<"$scratch/table")" "100 files of 1 kB" "the files' line"
}
case_memory() {
  bench --memory --loopback --megabytes 200 >"$scratch/table"
  expect_contains "$(<"$scratch/table")" "(limit 64)" "the limit"
}

need_valgrind() { command -v valgrind >/dev/null || skip "valgrind is missing: apt-get install valgrind"; }
case_instructions() {
  need_valgrind
  bench --instructions
}
case_growth() { # against counts of half the size, everything has grown
  need_valgrind
  awk -F': ' '/"crc-1440"/ {printf "    \"crc-1440\": %.1f\n", $2 / 2}' "$repository/Specs/instruction-counts.json" >"$scratch/halved.json"
  expect_exit 1 env INSTRUCTION_COUNTS="$scratch/halved.json" "$repository/Tools/bench" --instructions --tools crc-1440
  expect_contains "$output" "more instructions than recorded" "what the error says"
}
case_usage() {
  expect_exit 2 "$repository/Tools/bench" --loopback --receivers 2
  expect_exit 2 "$repository/Tools/bench" --loopback --tools nothing --megabytes 1 --out "$scratch/out"
  expect_contains "$output" "--tools 'nothing'" "the tool that there is not"
}

test_case "the table over loopback: every tool ends, ratios to itself are 1" case_loopback
test_case "the table for a group of two receivers" case_group
test_case "a flow beside TCP on a bottleneck" case_paths
test_case "small things beside tar" case_small
test_case "resident memory" case_memory
test_case "no benchmark has more instructions than recorded" case_instructions
test_case "a count that grew fails" case_growth
test_case "usage errors" case_usage
finish
