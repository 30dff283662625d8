# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# Micro-benchmarks: nanoseconds, and instructions, which do not depend on the load of the machine. Sourced by Tools/bench.

repetitions=20000
tolerance_percent=5
counts_file=${INSTRUCTION_COUNTS:-$here/../Specs/instruction-counts.json}
microbenchmarks=${MICROBENCHMARKS:-$here/../.build/release/microbenchmarks}

need_microbenchmarks() {
  [[ -x $microbenchmarks ]] || fail 3 "no $microbenchmarks: run swift build -c release --product microbenchmarks first"
}

print_nanoseconds() {
  need_microbenchmarks
  machine_line
  "$microbenchmarks" 2>/dev/null
}

# Instructions of one repetition, counted by callgrind inside measuredRegion only, so without the set-up. Callgrind
# simulates its own processor, and dictionaries hash without a random seed, so the count is the same in every run.
count_instructions() { # NAME
  local total repetitions=$repetitions
  [[ $1 != erasure-* ]] || repetitions=$((repetitions / 50)) # one works on a whole block
  total=$(SWIFT_DETERMINISTIC_HASHING=1 valgrind --tool=callgrind --demangle=no --toggle-collect='*measuredRegion*' \
    --callgrind-out-file=/dev/null "$microbenchmarks" --once "$1" "$repetitions" 2>&1 |
    sed -nE 's/^==[0-9]+== Collected : ([0-9]+).*/\1/p')
  [[ -n $total && $total -gt 0 ]] || fail 3 "callgrind did not count '$1': valgrind and a build with symbols are needed"
  awk -v n="$total" -v r="$repetitions" 'BEGIN {printf "%.1f", n / r}'
}

recorded_count() { sed -nE "s/^ *\"$1\": ([0-9.]+),?$/\1/p" "$counts_file" 2>/dev/null || true; }

# Compares each count with the one in Specs, or (--record) writes them there.
compare_instructions() {
  local name now recorded grown=() lines=()
  tools=${tools//,/ }
  [[ -z $tools || $record == no ]] || usage_error "--record writes all counts: leave out --tools"
  need_microbenchmarks
  command -v valgrind >/dev/null || fail 3 "no valgrind: apt-get install valgrind"
  printf '%-14s %10s %10s %8s\n' "benchmark" "recorded" "now" "change"
  for name in ${tools:-$("$microbenchmarks" --list)}; do
    now=$(count_instructions "$name")
    recorded=$(recorded_count "$name")
    lines+=("    \"$name\": $now")
    awk -v name="$name" -v a="${recorded:-0}" -v b="$now" '
      BEGIN {printf "%-14s %10s %10.1f %8s\n", name, (a > 0 ? a : "-"), b, (a > 0 ? sprintf("%+.1f%%", 100 * (b / a - 1)) : "new")}'
    [[ $record == yes ]] || ! has_grown "${recorded:-0}" "$now" || grown+=("$name")
  done
  if [[ $record == yes ]]; then
    record_counts "${lines[@]}"
    return
  fi
  ((${#grown[@]} == 0)) ||
    fail 1 "more instructions than recorded, by over $tolerance_percent %: ${grown[*]} (meant? bench --instructions --record)"
}

has_grown() { # RECORDED NOW: one that is not recorded has grown, so that it gets recorded
  awk -v a="$1" -v b="$2" -v t="$tolerance_percent" 'BEGIN {exit !(b > a * (1 + t / 100))}'
}

record_counts() {
  {
    echo '{'
    echo '  "what": "instructions of one repetition of each of Tools/microbenchmarks, counted by callgrind",'
    echo "  \"swift\": \"$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p' | head -1)\","
    echo "  \"valgrind\": \"$(valgrind --version)\","
    echo "  \"repetitions\": $repetitions,"
    echo '  "instructions": {'
    (IFS=$'\n'; echo "$*") | sed '$!s/$/,/'
    echo '  }'
    echo '}'
  } >"$counts_file"
  say "recorded in Specs/instruction-counts.json"
}
