# shellcheck shell=bash disable=SC2034,SC2154 # the parts of one program share variables
# Programs of others, each with its fastest options. Sourced by Tools/bench; yardsticks.sh describes what a run_TOOL does.
# Every file that a peer delivers is compared. A run whose bytes differ has failed, whatever the peer's exit code is.

# The folder of a peer's receiver: one for each host.
inbox_of() { mkdir -p "$work/inbox/$1" && echo "$work/inbox/$1"; }

delivered() { # NAME: the set, as one file of this name, at every receiver
  local host
  for host in "${receiver_hosts[@]}"; do cmp -s "$work/one-file" "$work/inbox/$host/$1" || return 1; done
}

# UFTP: as fast as it can (-R -1), no congestion control, the largest buffers. Its own clock starts behind its two seconds
# of announcing. uftpd waits for another session, so it is ended by a signal.
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

# ngtcp2's client and server over HTTP/3, bbr, windows that do not limit. The client receives, and starts the transfer.
serve_ngtcp2() {
  on s gtlsserver -q --no-quic-dump --no-http-dump -d "$work" --cc=bbr --max-udp-payload-size="$((mtu - 28))" \
    "$(sender_address)" "$port" "$work/key.pem" "$work/certificate.pem" >/dev/null 2>&1
}
run_ngtcp2() {
  local code=0
  [[ -e $work/key.pem ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench \
    -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null || return 1
  serve_ngtcp2 &
  receivers=("$!")
  await_port udp "$port" s || { end_receivers; return 1; }
  inbox_of r1 >/dev/null
  start_clock
  (on r1 gtlsclient -q --no-quic-dump --no-http-dump --exit-on-all-streams-close --max-data=1G --max-stream-data-bidi-local=1G \
    --download="$work/inbox/r1" "$(sender_address)" "$port" "https://bench/one-file") >/dev/null 2>&1 || code=1
  stop_clock
  end_receivers
  ((code == 0)) && delivered one-file
}
sender_address() { if [[ $loopback == yes ]]; then echo 127.0.0.1; else echo 10.77.0.1; fi; }

# SRT in file mode: without its latency limit; a flow window and buffers of 64 MB (it sends at most a window in a round trip).
srt_options() { echo "transtype=file&messageapi=false&mss=$mtu&fc=50000&rcvbuf=64000000&sndbuf=64000000&udp_rcvbuf=8000000&udp_sndbuf=8000000"; }
receive_srt() {
  on "$1" srt-file-transmit -q "srt://:$port?mode=listener&$(srt_options)" "file://$(inbox_of "$1")/" >/dev/null 2>&1
}
run_srt() {
  each_receiver receive_srt
  await_port udp "$port" r1 || { end_receivers; return 1; }
  start_clock
  (on s srt-file-transmit -q "file://$work/one-file" "srt://$(address_of r1):$port?mode=caller&$(srt_options)") >/dev/null 2>&1 ||
    { end_receivers; return 1; }
  await_receivers || return 1
  stop_clock
  delivered one-file
}

# NORM at its best fixed rate for this loss (its own congestion control was never faster). Rates are tried from the highest
# down before the first run, until a lower rate gives less.
declare -A norm_rates
prepare_norm() {
  if [[ -z ${norm_rates[$1]:-} ]]; then tune_norm "$1"; fi
}
run_norm() { send_norm "${norm_rates[$1]}"; }
tune_norm() {
  local rate best=0 limit=$((limit < 10 ? limit : 10)) # a rate that takes longer than that is not the best
  norm_rates[$1]=100000000
  for rate in 2000000000 1400000000 1000000000 700000000 500000000 350000000 250000000 150000000 100000000; do
    rm -rf "$work/inbox" "$work"/used/* && mkdir "$work/inbox"
    if send_norm "$rate"; then
      [[ $(awk -v a="$best" -v b="$own_seconds" 'BEGIN {print a == 0 || b < a}') == 1 ]] || break
      best=$own_seconds
      norm_rates[$1]=$rate
    fi
  done
  say "norm at $1 %: best at $((norm_rates[$1] / 1000000)) Mb/s"
}
receive_norm() {
  local from
  if [[ $mode == multicast ]]; then from=$group; else from=$(sender_address); fi
  on "$1" "$work/norm" receive "$from" "$port" "$interface" "$((1 + ${1#r}))" "$(inbox_of "$1")" >/dev/null 2>&1
}
send_norm() { # RATE
  local code=0
  each_receiver receive_norm
  await_port udp "$port" "${receiver_hosts[@]}" || { end_receivers; return 1; }
  start_clock
  (on s "$work/norm" send "$(destination)" "$port" "$interface" "$1" "$receiver_count" "$((mtu - 76))" "$work/one-file") \
    >"$work/norm-seconds" 2>/dev/null || code=1
  stop_clock
  end_receivers
  ((code == 0)) && delivered one-file || return 1
  own_seconds=$(<"$work/norm-seconds")
}
