# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# The cells of the table of paths. Sourced by Tools/bench-paths, which sets the options.

port=25700
flow_limit=120

prepare() {
  local compiler=''
  for compiler in cc gcc clang; do command -v "$compiler" >/dev/null && break; done
  work=$(mktemp -d /dev/shm/gallery-paths.XXXXXX)
  "$compiler" -O2 -o "$work/wire" "$here/bench.d/wire.c" || fail 3 "no C compiler that works: install gcc or clang"
  export GALLERY_LAB_ID=paths$$
  lab_id=''
  "$here/lab" up --receivers 1 --offloads off --owner $$ >/dev/null
  lab_id=$GALLERY_LAB_ID
  # Bytes of each flow, counted at the receiver's host.
  at r1 nft -f - <<RULES
table inet flows {
  counter first { }
  counter second { }
  chain arrivals {
    type filter hook prerouting priority -300; policy accept;
    udp dport $port counter name first
    udp dport $((port + 1)) counter name second
    tcp dport $((port + 2))-$((port + 3)) counter name second
  }
}
RULES
}

clean_up() {
  local code=$?
  trap '' INT TERM HUP
  [[ -z ${lab_id:-} ]] || "$here/lab" down || true
  rm -rf "${work:?}"
  exit "$code"
}

# at HOST COMMAND…: in the lab's host, bounded in time.
at() {
  local host=$1
  shift
  ip netns exec "gl-$lab_id-$host" timeout -k 1 "$flow_limit" "$@"
}

# start HOST COMMAND…: the same in the background, as a process that can be ended: $!.
start() {
  local host=$1
  shift
  ( exec ip netns exec "gl-$lab_id-$host" timeout -k 1 "$flow_limit" "$@" ) &
}

# set_of MEGABYTES: a set of one sparse file. Its holes read as zeros, which no program here compresses.
set_of() {
  rm -rf "$work/set"
  mkdir "$work/set"
  truncate -s "${1}MB" "$work/set/file"
}

row() { # CELL FLOW SHARE LOSS WANTED
  printf '%s,%s,%s,%s,%s\n' "$@" >>"$out/paths.csv"
}

queue_drops() { "$here/lab" counters r1 | sed -nE 's/.*"shaperDroppedPackets": ?([0-9]+).*/\1/p'; }
sent_packets() { at s cat /sys/class/net/eth1/statistics/tx_packets; }
percent() { awk -v part="$1" -v whole="$2" 'BEGIN {printf "%.2f", (whole > 0 ? 100 * part / whole : 0)}'; }

# marking on|off: whether the way to r1 marks what may be marked (ECN), above 98 Mb/s for longer than 2 ms; and whether TCP
# may be marked.
marking() {
  local side rules=''
  [[ $1 != on ]] || rules='chain above {
    type filter hook egress device "r1" priority 0; policy accept;
    ip ecn { ect0, ect1 } limit rate over 8091/second burst 16 packets ip ecn set ce
  }'
  for side in s r1; do
    # 2: only when the other side asks for it.
    at "$side" bash -c "echo $([[ $1 == on ]] && echo 1 || echo 2) >/proc/sys/net/ipv4/tcp_ecn"
  done
  printf 'table netdev marking\ndelete table netdev marking\ntable netdev marking {\n%s\n}\n' "$rules" | at b nft -f -
}

measure_cell() {
  if [[ $1 == *marks* ]]; then marking on; else marking off; fi
  case $1 in
    alone100) alone "$1" 100 50 0 "at least 0.93; 2 % lost at the most" ;;
    alone100loss) alone "$1" 100 50 5 "at least 0.855" ;;
    alone10) alone "$1" 10 10 0 "at least 0.93; 2 % lost at the most" ;;
    alone10loss) alone "$1" 10 10 5 "at least 0.855" ;;
    marks100) alone "$1" 100 50 0 "at least 0.93; 0 % lost" ;;
    cubic | bbr) beside "$1" "TCP $1" "0.25 to 0.75" ;;
    cubicmarks) beside "$1" "TCP cubic with ECN" "0.25 to 0.75" ;;
    twins | twinsmarks) beside "$1" "second gallery" "0.4 to 0.6" ;;
    rtt50) far "$1" 50 ;;
    rtt200) far "$1" 200 ;;
  esac
}

# receive_gallery INBOX PORT: its process is in `receiver`.
receive_gallery() {
  rm -rf "${work:?}/$1"
  start r1 "$gallery" receive --into "$work/$1" --port "$2" --quiet >/dev/null 2>"$work/$1.errors"
  receiver=$!
}

send_gallery() { # PORT [OPTIONS…]
  local to=10.77.0.11:$1
  shift
  at s "$gallery" send "$work/set" --all --to "$to" --mtu 1500 --json "$@"
}

# One gallery from start to end: file bytes divided by the transfer's time.
alone() { # CELL MEGABIT MEGABYTES LOSS WANTED
  local dropped sent share
  set_of "$3"
  "$here/lab" shape r1 "${2}mbit" --buffer 30ms >/dev/null
  "$here/lab" loss r1 "$4" >/dev/null
  dropped=$(queue_drops) sent=$(sent_packets)
  receive_gallery inbox "$port"
  sleep 0.3
  send_gallery "$port" >"$work/report" 2>"$work/errors" || { cat "$work/errors" >&2; fail 1 "gallery failed in $1"; }
  wait "$receiver" || fail 1 "gallery's receiver failed in $1"
  dropped=$(($(queue_drops) - dropped)) sent=$(($(sent_packets) - sent))
  share=$(awk -v bytes="${3}000000" -v rate="${2}000000" -F'[:,]' \
    '/"transferSeconds"/ {printf "%.3f", bytes * 8 / $2 / rate}' "$work/report")
  row "$1" gallery "$share" "$(percent "$dropped" "$sent")" "$5"
  "$here/lab" loss r1 0 >/dev/null
}

flow_bytes() { at r1 nft list counter inet flows "$1" | sed -nE 's/.*bytes ([0-9]+).*/\1/p'; }

# Two flows at once: the bytes of each that arrived later than a second after the second flow began.
beside() { # CELL NAME WANTED
  local first second begun dropped sent processes=() other=$((port + 1))
  # Each flow has its own port, because the flow before may still wait for its last segment.
  [[ $1 != cubic* ]] || other=$((port + 2))
  [[ $1 != bbr ]] || other=$((port + 3))
  set_of 900
  "$here/lab" shape r1 100mbit --buffer 30ms >/dev/null
  receive_gallery inbox "$port"
  processes+=("$receiver")
  if [[ $1 == twins* ]]; then
    receive_gallery inbox2 "$other"
    processes+=("$receiver")
  else
    start r1 "$work/wire" tcp-receive "$other" - >/dev/null
    processes+=($!)
  fi
  sleep 0.3
  start s "$gallery" send "$work/set" --all --to "10.77.0.11:$port" --mtu 1500 --quiet >/dev/null 2>&1
  processes+=($!)
  if [[ $1 == twins* ]]; then
    start s "$gallery" send "$work/set" --all --to "10.77.0.11:$other" --mtu 1500 --quiet >/dev/null 2>&1
  else
    start s "$work/wire" tcp-send 10.77.0.11 "$other" 2000000000 "${1%marks}" - >/dev/null 2>&1
  fi
  processes+=($!)
  sleep 1
  first=$(flow_bytes first) second=$(flow_bytes second) begun=$EPOCHREALTIME
  dropped=$(queue_drops) sent=$(sent_packets)
  sleep "$seconds"
  first=$(($(flow_bytes first) - first)) second=$(($(flow_bytes second) - second))
  dropped=$(($(queue_drops) - dropped)) sent=$(($(sent_packets) - sent))
  local elapsed
  elapsed=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')
  kill "${processes[@]}" 2>/dev/null || true
  wait "${processes[@]}" 2>/dev/null || true
  rm -rf "$work/inbox" "$work/inbox2"
  ((first > 0 && second > 0)) || fail 1 "$1: of two flows one moved nothing ($first and $second bytes)"
  row "$1" gallery "$(share_of "$first" "$elapsed")" "$(percent "$dropped" "$sent")" "$3"
  row "$1" "$2" "$(share_of "$second" "$elapsed")" "" "$3"
}

# share_of BYTES SECONDS: BYTES as a part of what a bottleneck of 100 Mb/s carries in SECONDS, in packets of 1,514 bytes.
share_of() { awk -v bytes="$1" -v s="$2" 'BEGIN {printf "%.3f", bytes * 8 * 1514 / 1500 / s / 1e8}'; }

# A long path: bytes at the receiver's interface, read each 10 ms.
far() { # CELL RTT-MILLISECONDS
  local sampler dropped sent
  set_of "$(($2 == 200 ? 150 : 80))"
  "$here/lab" shape r1 100mbit --buffer 30ms >/dev/null
  receive_gallery inbox "$port"
  sleep 0.3
  dropped=$(queue_drops) sent=$(sent_packets)
  start r1 bash -c 'while read -r n </sys/class/net/eth1/statistics/rx_bytes; do echo "$EPOCHREALTIME $n"; sleep 0.01; done' \
    >"$work/samples"
  sampler=$!
  # Half of the round trip in each direction: the option applies to both.
  send_gallery "$port" --impair "delay:$(($2 / 2))ms" >"$work/report" 2>"$work/errors" ||
    { cat "$work/errors" >&2; fail 1 "gallery failed in $1"; }
  kill "$sampler" 2>/dev/null || true
  wait "$sampler" 2>/dev/null || true
  wait "$receiver" || fail 1 "gallery's receiver failed in $1"
  dropped=$(($(queue_drops) - dropped)) sent=$(($(sent_packets) - sent))
  local summary
  summary=$(awk -v rtt="$2" '
    { t[NR] = $1; n[NR] = $2 }
    END {
      rate = 1e8 / 8
      for (i = 2; i <= NR; i++) if (n[i] - n[1] > 20000) { start = i; break }
      last = NR
      while (last > start && n[NR] - n[last - 1] < 0.02 * (n[NR] - n[start])) last--
      window = 2 * rtt / 1000; reached = "never"
      j = start
      for (i = start; i <= last; i++) {
        while (j < last && t[j] - t[i] < window) j++
        if (t[j] - t[i] >= window && (n[j] - n[i]) / (t[j] - t[i]) >= 0.9 * rate) {
          reached = sprintf("%.1f", (t[i] - t[start]) * 1000 / rtt); break }
      }
      for (i = start; i <= last; i++) if (t[i] - t[start] >= 10 * rtt / 1000) break
      printf "%.3f %s", (n[last] - n[i]) / (t[last] - t[i]) / rate, reached
    }' "$work/samples")
  row "$1" gallery "${summary% *}" "$(percent "$dropped" "$sent")" "at least 0.9; start-up in 10 RTT: ${summary#* }"
}
