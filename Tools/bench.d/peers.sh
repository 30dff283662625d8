# Other people's programs, each tuned as far as its options go. Sourced by Tools/bench; what a run_TOOL does: yardsticks.sh.
# Every file a peer delivers is compared; a run whose bytes differ has not ended well, whatever the peer's exit code says.

# Where a peer's receiver writes: a folder a host.
inbox_of() { mkdir -p "$work/inbox/$1" && echo "$work/inbox/$1"; }

delivered() { # NAME: the set, as one file of this name, at every receiver
  local host
  for host in "${receiver_hosts[@]}"; do cmp -s "$work/one-file" "$work/inbox/$host/$1" || return 1; done
}

# UFTP: as fast as it can (-R -1), no congestion control, the largest buffers. Its own clock starts behind its two seconds
# of announcing. uftpd stays for the next session: it is told to end.
receive_uftp() { on "$1" uftpd -d -D "$(inbox_of "$1")" -I "$interface" -B 4194304 >/dev/null 2>&1; }
run_uftp() {
  local addresses=()
  [[ $mode == multicast ]] || addresses=(-M "$(address_of r1)" -P "$(address_of r1)")
  each_receiver receive_uftp
  await_port udp 1044 "${receiver_hosts[@]}" || { end_receivers; return 1; }
  start_clock
  (on s uftp -R -1 -b "$((mtu - 72))" -B 4194304 -I "$interface" "${addresses[@]}" "$work/one-file") >"$work/uftp" 2>&1 || true
  stop_clock
  end_receivers
  delivered one-file || return 1
  own_seconds=$(awk '/Total elapsed time:/ {print $4}' "$work/uftp")
}

# udpcast has no clock of its own. Full duplex is its setting for a switched network.
receive_udpcast() { on "$1" udp-receiver --interface "$interface" --nokbd --file "$(inbox_of "$1")/file" >/dev/null 2>&1; }
run_udpcast() {
  each_receiver receive_udpcast
  await_port udp 9000 "${receiver_hosts[@]}" || { end_receivers; return 1; }
  start_clock
  (on s udp-sender --interface "$interface" --full-duplex --nokbd --min-receivers "$receiver_count" --file "$work/one-file") \
    >/dev/null 2>&1 || { end_receivers; return 1; }
  await_receivers || return 1
  stop_clock
  delivered file
}
