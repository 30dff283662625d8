# shellcheck shell=bash disable=SC2034,SC2154 # the parts of one program share variables
# The basis of every measurement: work folder, programs, hosts, clocks. Sourced by Tools/bench, which sets the options.

port=25700

# compile NAME SOURCE [OPTIONS]: one of bench.d's C programs, as $work/NAME.
compile() {
  local name=$1 source=$2 compiler=''
  shift 2
  for compiler in cc gcc clang; do command -v "$compiler" >/dev/null && break; done
  command -v "$compiler" >/dev/null || compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
  "$compiler" -O2 -Wall -Wextra -o "$work/$name" "$here/bench.d/$source" "$@" ||
    fail 3 "no C compiler that works: install gcc or clang"
}

# Makes the work folder in memory, and the programs in it. A trap calls clean_up at the end.
open_stage() {
  work=$(mktemp -d "${1:-/dev/shm}/gallery-bench.XXXXXX")
  mkdir "$work/used" "$work/inbox"
  compile wire wire.c
  compile usage usage.c
}

# The set: $megabytes of incompressible bytes, in files of 10 MB, and the same as one file.
make_set() {
  mkdir "$work/set"
  head -c "$((megabytes * 1000000))" /dev/urandom | split -b 10000000 -d -a 4 - "$work/set/part-"
  cat "$work"/set/* >"$work/one-file"
}

# The lab's hosts; over loopback one host is all of them.
open_lab() {
  local index
  lab_id='' receiver_hosts=()
  for ((index = 1; index <= receiver_count; index++)); do receiver_hosts+=("r$index"); done
  [[ $loopback == no ]] || return 0
  export GALLERY_LAB_ID=bench$$
  "$here/lab" up --receivers "$receiver_count" --mtu "$mtu" --offloads "$offloads" --owner $$ >/dev/null
  lab_id=$GALLERY_LAB_ID
  [[ -z $shape ]] || "$here/lab" shape s "$shape"
}

clean_up() {
  local code=$?
  trap '' INT TERM HUP
  [[ -z ${lab_id:-} ]] || "$here/lab" down || true
  [[ -z ${work:-} ]] || rm -rf "$work"
  exit "$code"
}

# inside HOST COMMAND…: in the lab's host, or here.
inside() {
  local host=$1
  shift
  if [[ $loopback == yes ]]; then "$@"; else ip netns exec "gl-$lab_id-$host" "$@"; fi
}

# on HOST COMMAND…: becomes the command, with a time limit, counted in $work/used/HOST. Use it only in the background or
# in ( ): then $! is the process whose end also ends the command.
on() {
  local host=$1 enter=()
  shift
  [[ $loopback == yes ]] || enter=(ip netns exec "gl-$lab_id-$host")
  exec "${enter[@]}" timeout -k 1 "$limit" "$work/usage" "$work/used/$host" "$@"
}

address_of() { if [[ $loopback == yes ]]; then echo 127.0.0.1; else echo "10.77.0.$((10 + ${1#r}))"; fi; }

# await_port udp|tcp PORT HOST…: waits until every host has bound the port. There is no event for this, so it polls.
port_is_bound() { # HOST udp|tcp PORT
  local kind=-uln
  [[ $2 == udp ]] || kind=-tln
  [[ -n $(inside "$1" ss -H "$kind" "sport = :$3") ]]
}
await_port() {
  local kind=$1 number=$2 host
  shift 2
  for host in "$@"; do poll_until 10 port_is_bound "$host" "$kind" "$number" || return 1; done
}

# each_receiver FUNCTION: starts it for each receiver, in the background.
each_receiver() {
  local host
  receivers=()
  for host in "${receiver_hosts[@]}"; do
    "$1" "$host" &
    receivers+=("$!")
  done
}

# The receivers end by themselves; false when one fails.
await_receivers() {
  local pid worst=0
  for pid in "${receivers[@]}"; do wait "$pid" || worst=1; done
  return "$worst"
}

# Ends the receivers, because they would stay for ever, or because the sender failed.
end_receivers() {
  kill "${receivers[@]}" 2>/dev/null || true
  await_receivers 2>/dev/null || true
}

# The same clock for every tool, from the start of the side that starts last to the end of the sides that end by themselves.
start_clock() { clock_began=$EPOCHREALTIME; }
stop_clock() { wall_seconds=$(difference "$clock_began" "$EPOCHREALTIME"); }
difference() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.6f", b - a}'; }

# Bytes that have left the sender, Ethernet frames; 0 over loopback.
wire_bytes() {
  if [[ $loopback == yes ]]; then echo 0; return; fi
  inside s cat /sys/class/net/eth1/statistics/tx_bytes
}

# CPU seconds of both sides together, user and system; and the largest resident set, KiB, of HOST….
used_seconds() { awk '{s += $2 + $3} END {printf "%.6f", s}' "$work"/used/* /dev/null; }
peak_kibibytes() {
  local host files=()
  for host in "$@"; do [[ ! -e $work/used/$host ]] || files+=("$work/used/$host"); done
  awk '$4 > peak {peak = $4} END {print peak + 0}' "${files[@]}" /dev/null
}

place() {
  if [[ $loopback == yes ]]; then echo loopback; else echo "veth, offloads $offloads${shape:+, a bottleneck of $shape}"; fi
}

# The first line of every table.
machine_line() {
  echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), Linux $(uname -r), load $(cut -d' ' -f1 /proc/loadavg)"
}
