# shellcheck shell=bash disable=SC2034,SC2154 # the parts of one program share variables
# gallery and our own yardsticks: raw UDP and TCP, from memory to nowhere and from file to file. Sourced by Tools/bench.
#
# run_TOOL LOSS: one run. It fails, or sets wall_seconds (the same clock for all), own_seconds (the tool's own, empty when
# it has none) and moved_bytes (file bytes that reached each receiver; by default the set's size).

# The slowest receiver's figures, from the lines "BYTES SECONDS END" that the receivers printed.
read_yardstick() {
  local figures
  figures=$(cat "$work"/received-* | sort -g -k1,1 | awk '
    $2 > 0 && ($1 / $2 < slowest || slowest == 0) {slowest = $1 / $2; bytes = $1; seconds = $2}
    $3 > last {last = $3}
    END {if (slowest == 0) exit 1; print bytes, seconds, last}') || return 1
  read -r moved_bytes own_seconds last_arrival <<<"$figures"
}

receive_raw() { on "$1" "$work/wire" udp-receive "$port" "$(group_or_nothing)" - >"$work/received-$1"; }
receive_raw_file() {
  on "$1" "$work/wire" udp-receive "$port" "$(group_or_nothing)" "$work/inbox/raw-$1" >"$work/received-$1"
}
receive_raw_chunk() {
  on "$1" "$work/chunk" receive "$port" "$(group_or_nothing)" "$(segment_bytes)" "$work/inbox/raw-$1" >"$work/received-$1"
}
group_or_nothing() { if [[ $mode == multicast ]]; then echo "$group"; else echo -; fi; }
# UDP payload bytes of one packet.
segment_bytes() { echo "$((mtu - 28 > 65507 ? 65507 : mtu - 28))"; }

# No pacing and no repair: only the received bytes count. The senders send the set three times, because more than half may be
# lost in the receiver's socket.
run_unpaced() { # RECEIVE-FUNCTION SENDER…
  local receive=$1
  shift
  each_receiver "$receive"
  await_port udp "$port" "${receiver_hosts[@]}" || { end_receivers; return 1; }
  start_clock
  (on s "$@") || { end_receivers; return 1; }
  await_receivers || return 1
  read_yardstick || return 1
  wall_seconds=$(difference "$clock_began" "$last_arrival") # without the silence by which the receiver knows the end
}
run_raw() { run_unpaced receive_raw "$work/wire" udp-send "$(destination)" "$port" "$((megabytes * 3000000))" "$(segment_bytes)" -; }
run_raw_file() {
  run_unpaced receive_raw_file "$work/wire" udp-send "$(destination)" "$port" "$((megabytes * 3000000))" "$(segment_bytes)" \
    "$work/one-file"
}
run_raw_chunk() {
  run_unpaced receive_raw_chunk "$work/chunk" send "$(destination)" "$port" 3 "$(segment_bytes)" "$work/one-file"
}

# The destination of a sender: the group, or the only receiver.
destination() { if [[ $mode == multicast ]]; then echo "$group"; else address_of r1; fi; }

receive_tcp() { on "$1" "$work/wire" tcp-receive "$port" "$tcp_output" >"$work/received-$1"; }
run_tcp_with() { # CONTROL SOURCE OUTPUT
  tcp_output=$3
  each_receiver receive_tcp
  await_port tcp "$port" r1 || { end_receivers; return 1; }
  start_clock
  (on s "$work/wire" tcp-send "$(address_of r1)" "$port" "$((megabytes * 1000000))" "$1" "$2") || { end_receivers; return 1; }
  await_receivers || return 1
  stop_clock
  read_yardstick
}
run_bbr() { run_tcp_with bbr - -; }
run_cubic() { run_tcp_with cubic - -; }

# The same work as gallery's: files are read and written. With bbr where the kernel has it, like the yardstick of rates.
run_tcp_file() {
  local control=cubic
  ! has_control bbr || control=bbr
  run_tcp_with "$control" "$work/one-file" "$work/inbox/tcp" || return 1
  [[ $(stat -c %s "$work/inbox/tcp") == "$((megabytes * 1000000))" ]]
}
has_control() { grep -qw "$1" /proc/sys/net/ipv4/tcp_available_congestion_control; }

key_options=() # of gallery's two sides
receive_gallery() {
  local arguments=(--into "$work/inbox/$1" --port "$port" --quiet "${key_options[@]}")
  [[ $mode == unicast ]] || arguments+=(--mode multicast --group "$group" --interface "$interface")
  on "$1" "$gallery" receive "${arguments[@]}" >/dev/null 2>"$work/errors-$1"
}
run_gallery() {
  local host arguments=(--all --to "$(destination):$port" --mtu "$mtu" --json "${key_options[@]}")
  [[ $mode == unicast ]] || arguments+=(--mode multicast --interface "$interface" --receivers "$receiver_count")
  [[ $loopback == no || $1 == 0 ]] || arguments+=(--drop "$1%")
  each_receiver receive_gallery
  await_port udp "$port" "${receiver_hosts[@]}" || { end_receivers; return 1; }
  start_clock
  (on s "$gallery" send "$work/set" "${arguments[@]}") >"$work/report" 2>"$work/errors-s" || { end_receivers; return 1; }
  await_receivers || return 1
  stop_clock
  for host in "${receiver_hosts[@]}"; do
    diff -rq "$work/set" "$work/inbox/$host" >&2 || fail 1 "gallery delivered other bytes than it was given"
  done
  own_seconds=$(awk -F'[:,]' '/"transferSeconds"/ {print $2 + 0}' "$work/report")
}

prepare_keyed() { [[ -e $work/key ]] || "$gallery" key new "$work/key" >/dev/null; }
run_keyed() {
  local key_options=(--key "$work/key")
  run_gallery "$1"
}
