# One run of each tool, in a lab or over loopback. Sourced by Tools/bench, which sets the options.

port=25700

# Work folder in memory, the yardsticks' program, the set, the lab.
prepare() {
  local compiler=''
  for compiler in cc gcc clang; do command -v "$compiler" >/dev/null && break; done
  command -v "$compiler" >/dev/null || compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
  work=$(mktemp -d /dev/shm/gallery-bench.XXXXXX)
  "$compiler" -O2 -o "$work/wire" "$here/bench.d/wire.c" || fail 3 "no C compiler that works: install gcc or clang"
  mkdir "$work/set"
  head -c "$((megabytes * 1000000))" /dev/urandom | split -b 10000000 -d -a 4 - "$work/set/part-"
  cat "$work"/set/* >"$work/one-file"
  lab_id=''
  [[ $loopback == yes ]] && return 0
  export GALLERY_LAB_ID=bench$$
  "$here/lab" up --receivers 1 --mtu "$mtu" --offloads "$offloads" --owner $$ >/dev/null
  lab_id=$GALLERY_LAB_ID
}

clean_up() {
  local code=$?
  trap '' INT TERM HUP
  [[ -z ${lab_id:-} ]] || "$here/lab" down || true
  rm -rf "${work:?}"
  exit "$code"
}

# at HOST COMMAND…: in the lab's host, or here; bounded in time.
at() {
  local host=$1
  shift
  if [[ $loopback == yes ]]; then timeout -k 1 "$limit" "$@"; else ip netns exec "gl-$lab_id-$host" timeout -k 1 "$limit" "$@"; fi
}

receiver_address() { if [[ $loopback == yes ]]; then echo 127.0.0.1; else echo 10.77.0.11; fi; }

# Bytes that have left the sender, Ethernet frames; 0 over loopback.
wire_bytes() {
  if [[ $loopback == yes ]]; then echo 0; return; fi
  ip netns exec "gl-$lab_id-s" cat /sys/class/net/eth1/statistics/tx_bytes
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}'; }

# run_TOOL LOSS: prints "GBITS" of file bytes, or fails.
run_raw() {
  local segment=$((mtu - 28 > 65507 ? 65507 : mtu - 28)) receiver
  at r1 "$work/wire" udp-receive "$port" >"$work/received" &
  receiver=$!
  sleep 0.2
  at s "$work/wire" udp-send "$(receiver_address)" "$port" "$((megabytes * 3000000))" "$segment"
  wait "$receiver"
  awk '{printf "%.4f\n", $1 * 8 / $2 / 1e9}' "$work/received"
}

run_tcp() { # LOSS CONTROL
  local receiver
  at r1 "$work/wire" tcp-receive "$port" >"$work/received" &
  receiver=$!
  sleep 0.2
  at s "$work/wire" tcp-send "$(receiver_address)" "$port" "$((megabytes * 1000000))" "$2" || { kill "$receiver"; return 1; }
  wait "$receiver" || return 1
  awk '{printf "%.4f\n", $1 * 8 / $2 / 1e9}' "$work/received"
}
run_bbr() { run_tcp "$1" bbr; }
run_cubic() { run_tcp "$1" cubic; }

run_gallery() {
  local receiver drop=()
  [[ $loopback == no || $1 == 0 ]] || drop=(--drop "$1%")
  rm -rf "$work/inbox"
  at r1 "$gallery" receive --into "$work/inbox" --port "$port" --quiet >/dev/null 2>"$work/errors" &
  receiver=$!
  sleep 0.3
  at s "$gallery" send "$work/set" --all --to "$(receiver_address):$port" --mtu "$mtu" "${drop[@]}" --json \
    >"$work/report" 2>>"$work/errors" || { kill "$receiver" 2>/dev/null; cat "$work/errors" >&2; return 1; }
  wait "$receiver" || return 1
  diff -rq "$work/set" "$work/inbox" >&2 || fail 1 "gallery delivered other bytes than it was given"
  awk -v bytes="$((megabytes * 1000000))" -F'[:,]' '/"transferSeconds"/ {printf "%.4f\n", bytes * 8 / $2 / 1e9}' "$work/report"
}

# UFTP by its own clock, which leaves its two seconds of announcing out.
run_uftp() {
  local receiver
  rm -rf "$work/inbox" && mkdir "$work/inbox"
  at r1 uftpd -d -D "$work/inbox" -I eth1 -B 4194304 >/dev/null 2>&1 &
  receiver=$!
  sleep 0.3
  at s uftp -R -1 -b "$((mtu - 72))" -B 4194304 -I eth1 -M 10.77.0.11 -P 10.77.0.11 "$work/one-file" >"$work/uftp" 2>&1 || true
  kill "$receiver" 2>/dev/null || true
  wait "$receiver" 2>/dev/null || true
  cmp -s "$work/one-file" "$work/inbox/one-file" || return 1
  awk -v bytes="$((megabytes * 1000000))" '/Total elapsed time:/ {printf "%.4f\n", bytes * 8 / $4 / 1e9}' "$work/uftp"
}

run_udpcast() {
  local receiver began
  at r1 udp-receiver --interface eth1 --nokbd --file "$work/received" >/dev/null 2>&1 &
  receiver=$!
  sleep 0.3
  began=$EPOCHREALTIME
  at s udp-sender --interface eth1 --full-duplex --nokbd --min-receivers 1 --file "$work/one-file" >/dev/null 2>&1 || { kill "$receiver"; return 1; }
  wait "$receiver" || return 1
  cmp -s "$work/one-file" "$work/received" || return 1
  awk -v bytes="$((megabytes * 1000000))" -v s="$(seconds_since "$began")" 'BEGIN {printf "%.4f\n", bytes * 8 / s / 1e9}'
}

is_available() { # TOOL
  case $1 in
    raw | gallery) return 0 ;;
    bbr | cubic) grep -qw "$1" /proc/sys/net/ipv4/tcp_available_congestion_control ;;
    uftp) [[ $loopback == no ]] && command -v uftp uftpd >/dev/null ;;
    udpcast) [[ $loopback == no ]] && command -v udp-sender udp-receiver >/dev/null ;;
    *) usage_error "--tools '$1': raw, gallery, bbr, cubic, uftp, udpcast" ;;
  esac
}

# Every run, as a line "TOOL LOSS RUN GBITS WIRE" in samples.csv; GBITS is 0 for a run that did not end well.
# The tools take turns within each round, so that the machine's moods meet all of them.
measure_all() {
  local loss round tool before rate present=()
  for tool in ${tools//,/ }; do
    if is_available "$tool"; then present+=("$tool"); else say "no $tool here: left out"; fi
  done
  echo "tool,loss,run,gigabitsPerSecond,wireRatio" >"$out/samples.csv"
  for loss in ${losses//,/ }; do
    [[ $loopback == yes ]] || "$here/lab" loss r1 "$loss"
    for ((round = 1; round <= runs; round++)); do
      for tool in "${present[@]}"; do
        # The ceiling has no repair: with loss it is what the ceiling without loss lets through. TCP has no --drop.
        [[ $loss == 0 || $tool != raw ]] || continue
        [[ $loss == 0 || $loopback == no || $tool == gallery ]] || continue
        before=$(wire_bytes)
        if ! rate=$("run_$tool" "$loss"); then
          rate=0
          [[ $tool != gallery ]] || { cat "$work/errors" >&2; fail 1 "gallery failed at $loss % loss"; }
        fi
        printf '%s,%s,%s,%s,%s\n' "$tool" "$loss" "$round" "${rate:-0}" "$(
          awk -v a="$before" -v b="$(wire_bytes)" -v f="$((megabytes * 1000000))" 'BEGIN {printf "%.4f", (b - a) / f}'
        )" >>"$out/samples.csv"
        say "$tool at $loss %, run $round: ${rate:-0} Gb/s"
      done
    done
  done
}
