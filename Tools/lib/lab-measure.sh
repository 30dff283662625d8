# shellcheck shell=bash
# Captures and counters of a lab's hosts. Sourced by Tools/lab.

# A capture is complete when tcpdump has written every packet that passed its filter. The kernel holds packets back for up
# to a second, and they are lost when tcpdump ends. Upon SIGUSR1 tcpdump says how many it has: capture_is_settled PID LOG
# [TIMES]. TIMES is 2 for a loopback: packets pass the filter on their way out and in, and tcpdump keeps one of each two. A
# packet that loses its way between the two passes it once; so a capture is complete too when thirty answers, which take two
# seconds, are the same.
capture_is_settled() {
  local captured received missed answers
  kill -USR1 "$1" 2>/dev/null || return 0
  sleep 0.05
  answers=$(sed -nE \
    's/^tcpdump: ([0-9]+) packets? captured, ([0-9]+) packets? received by filter, ([0-9]+) packets? dropped.*/\1 \2 \3/p' "$2")
  read -r captured received missed < <(tail -n 1 <<<"$answers") || return 1
  [[ -n ${missed:-} ]] || return 1
  ((captured * ${3:-1} + missed >= received)) ||
    [[ $(tail -n 30 <<<"$answers" | uniq -c | awk '{print $1}') == 30 ]]
}

# capture_command FILE: sets capture_words. 64 MiB of kernel buffer: a burst of a few Gb/s must not be lost to the capture.
# tcpdump sets its groups, which the user namespace of an ordinary user forbids (user_namespaces(7)).
capture_command() {
  capture_words=(tcpdump -i eth1 -n -s 0 -U -B 65536 -Z root -w "$1")
  [[ $(cat /proc/self/setgroups 2>/dev/null) == deny ]] || return 0
  local longest=65536 # with offloads, the kernel hands over batches
  [[ $(<"$(state)/offloads") == on ]] || longest=$(<"$(state)/mtu")
  capture_words=(python3 "$here/lib/lab-capture.py" eth1 "$1" "$longest")
}

# capture_start HOST FILE: whole packets at the host's eth1, as it sends and gets them (losses have happened already).
capture_start() {
  local host=$1 file log
  file=$(realpath -m "$2")
  log=$(state)/capture-$host.log
  [[ ! -e $(state)/capture-$host.pid ]] || fail 2 "$host is being captured already (lab capture-stop $host)"
  [[ -d $(dirname "$file") ]] || fail 2 "no directory '$(dirname "$file")' for the capture"
  rm -f "$file" # an earlier capture: that tcpdump writes the file's head says that it captures
  capture_command "$file"
  setsid ip netns exec "$(namespace "$host")" "${capture_words[@]}" >/dev/null 2>"$log" </dev/null &
  local pid=$!
  printf '%s\n%s\n' "$pid" "$file" >"$(state)/capture-$host.pid"
  poll_until 60 test -s "$file" && return
  rm -f "$(state)/capture-$host.pid"
  kill "$pid" 2>/dev/null || true
  fail 3 "tcpdump did not start on $host: $(tail -n 1 "$log")"
}

# capture_stop HOST: waits until the file is complete, ends tcpdump, and says when the capture missed packets.
capture_stop() {
  local record missed pid file
  record=$(state)/capture-$1.pid
  [[ -e $record ]] || fail 2 "$1 is not being captured"
  { read -r pid && read -r file; } <"$record"
  poll_until 60 capture_is_settled "$pid" "$(state)/capture-$1.log" || true
  if [[ " $(namespace_pids "$(namespace "$1")" | tr '\n' ' ') " == *" $pid "* ]]; then
    kill -TERM "$pid" 2>/dev/null || true
    poll_until 5 process_is_gone "$pid" || true
  fi
  rm -f "$record"
  missed=$(sed -nE 's/^([0-9]+) packets? dropped by kernel.*/\1/p' "$(state)/capture-$1.log")
  ((${missed:-0} == 0)) || say "warning: the capture at $1 missed $missed packets ($file)"
}
process_is_gone() { [[ ! -e /proc/$1 || $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == Z* ]]; }

capture_stop_all() {
  local record host
  for record in "$(state)"/capture-*.pid; do
    [[ -e $record ]] || continue
    host=${record##*/capture-}
    capture_stop "${host%.pid}"
  done
}

# One line of JSON: packets and bytes at the host's eth1 (bytes with Ethernet headers), and the losses with their places.
counters_json() {
  local host=$1
  # shellcheck disable=SC2016 # expanded in the namespace
  inside "$host" bash -euc '
    cd /sys/class/net/eth1/statistics
    printf "{\"host\":\"%s\",\"interface\":\"eth1\"" "$1"
    printf ",\"rxPackets\":%s,\"rxBytes\":%s" "$(<rx_packets)" "$(<rx_bytes)"
    printf ",\"txPackets\":%s,\"txBytes\":%s" "$(<tx_packets)" "$(<tx_bytes)"
    awk "/^Udp: [0-9]/ {printf \",\\\"udpReceiveBufferErrors\\\":%s\", \$6}
      /^Ip: [0-9]/ {printf \",\\\"ipReassemblyFailures\\\":%s\", \$17}" /proc/net/snmp' - "$host"
  printf ',"lostInPackets":%s,"lostOutPackets":%s,"shaperDroppedPackets":%s}\n' \
    "$(lost_packet_count "$host" in)" "$(lost_packet_count "$host" out)" "$(shaper_dropped_packet_count "$host")"
}
