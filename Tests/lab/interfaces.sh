#!/usr/bin/env bash
# By which interface and from which address packets leave, on hosts with two of each. The interfaces' own counters show
# what left.
source "$(dirname "$0")/testing.bash"
require_root

s() { lab exec s "$@"; }
r() { lab exec r1 "$@"; }

# Two hosts with two cables: eth1 (10.77.0.0/24, fd77::/64) and eth2 (10.78.0.0/24, fd78::/64). The receiver has one more
# address, which both cables reach; the routing table takes eth1.
two_cables() {
  start_lab --receivers 1
  s ip link add eth2 type veth peer name eth2 netns "gl-$GALLERY_LAB_ID-r1"
  local host number
  for host in s:1 r1:11; do
    number=${host#*:} host=${host%:*}
    lab exec $host ip addr add 10.78.0.$number/24 brd + dev eth2
    lab exec $host ip addr add fd78::$number/64 dev eth2 nodad
    lab exec $host ip link set eth2 up
    lab exec $host sysctl -qw net.ipv4.conf.{all,default,eth1,eth2}.rp_filter=0
  done
  r ip addr add 10.79.0.11/32 dev lo
  r ip addr add fd79::11/128 dev lo
  s ip route add 10.79.0.11 via 10.77.0.11 metric 1
  s ip route add 10.79.0.11 via 10.78.0.11 metric 2
  s ip route add default via 10.77.0.11
  s ip -6 route add fd79::11 via fd77::11 metric 1
  s ip -6 route add fd79::11 via fd78::11 metric 2
  mkdir "$scratch/set"
  cp "$repository"/images/small/0[1-4]*.jpg "$scratch/set"
  set_bytes=$(cat "$scratch/set"/* | wc -c)
}

left_by() { s cat "/sys/class/net/$1/statistics/tx_bytes"; } # INTERFACE

# options_of KIND: $mode, $to, and $receive, the receiver's own options (arrays).
options_of() {
  mode=${1%[46]} receive=()
  case $1 in
    unicast4 | tcp4) to=(10.79.0.11) ;;
    unicast6 | tcp6) to=(fd79::11) ;;
    broadcast4) to=(255.255.255.255) ;;
    multicast4) to=(224.1.1.5) receive=(--group 224.1.1.5) ;;
    multicast6) to=(ff15::47) receive=(--group ff15::47) ;;
  esac
  # A naive receiver listens at one address, and so in one family.
  if [[ $protocol == naive && $1 == *6 && $mode != multicast ]]; then receive+=(--bind ::); fi
  to=(--protocol "$protocol" --mode "$mode" --to "${to[0]}" --port "$port")
  receive+=(--protocol "$protocol" --mode "$mode" --port "$port")
  case $protocol-$mode in
    naive-tcp) to+=(--pause 5ms) ;; # its connection waits for nobody
    naive-*) to+=(--wait 100ms --pause 50ms) ;; # time to read for a receiver with a small buffer
    *) to+=(--wait "${patience:-100s}") ;;
  esac
  if [[ $protocol == chunked && ($mode == *cast && $mode != unicast) ]]; then to+=(--receivers 1); fi
}

# Packets use the interface that both sides name, whatever the routing table says.
transfer() { # PROTOCOL KIND INTERFACE
  local protocol=$1 port=25000 mode to receive other=eth1 name=$1-$2-$3 before code=0 receiver_code=0
  [[ $3 != eth1 ]] || other=eth2
  options_of "$2"
  r "${as[@]}" "$gallery" receive "${receive[@]}" --interface "$3" --into "$scratch/$name" --wait 100s --idle-timeout 60s \
    --ready-file "$scratch/$name.ready" >"$scratch/$name.log" 2>&1 &
  local receiver=$!
  wait_for_file "$scratch/$name.ready"
  before=("$(left_by "$3")" "$(left_by $other)")
  s "${as[@]}" "$gallery" send "$scratch/set" "${to[@]}" --interface "$3" --json >"$scratch/$name.json" 2>"$scratch/$name.err" || code=$?
  wait $receiver || receiver_code=$?
  [[ $code == 0 && $receiver_code == 0 ]] || cat "$scratch/$name".{err,log}
  expect_equal "$code $receiver_code" "0 0" "$name: exit codes of sender and receiver"
  expect_equal "$(cat "$scratch/$name"/* | md5sum)" "$(cat "$scratch/set"/* | md5sum)" "$name: what arrived"
  expect_between $(($(left_by "$3") - before[0])) "$set_bytes" $((set_bytes * 5 / 4)) "$name: bytes that left by $3"
  expect_between $(($(left_by $other) - before[1])) 0 10000 "$name: bytes that left by $other"
  [[ $protocol == chunked && $mode != tcp ]] || return 0
  expect_contains "$(<"$scratch/$name.json")" "\"interface\" : \"$3\"" "$name: the report"
  local address=10.77.0.1
  case $2-$3 in *6-eth1) address=fd77::1 ;; *6-eth2) address=fd78::1 ;; *4-eth2) address=10.78.0.1 ;; esac
  expect_contains "$(<"$scratch/$name.err")" "sending from interface $3, $address" "$name: what the sender says"
}

kinds=(unicast4 unicast6 broadcast4 multicast4 multicast6 tcp4 tcp6)
as=()

by_the_named_interface() { # PROTOCOL
  local kind interface
  two_cables
  for kind in "${kinds[@]}"; do
    for interface in eth1 eth2; do transfer "$1" "$kind" "$interface"; done
  done
}
case_chunked() { by_the_named_interface chunked; }
case_naive() { by_the_named_interface naive; }

# No mode needs a privilege, and naming an interface needs none.
case_ordinary_user() {
  two_cables
  as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod -R a+rwX "$scratch"
  local protocol kind
  for protocol in chunked naive; do
    for kind in unicast4 broadcast4 multicast4 tcp4; do transfer $protocol $kind eth2; done
  done
}

# A receiver that names one interface does not hear packets that arrive by another one.
case_deaf_elsewhere() {
  two_cables
  local protocol kind port=25000 mode to receive receivers=() senders=() i=0 code patience=3s # all wait in vain
  for protocol in chunked naive; do
    for kind in "${kinds[@]}"; do
      port=$((port + 1))
      options_of $kind
      r "$gallery" receive "${receive[@]}" --interface eth1 --into "$scratch/in$port" --wait 12s \
        --ready-file "$scratch/ready$port" >"$scratch/log$port" 2>&1 &
      receivers+=($!)
    done
  done
  for i in {1..14}; do wait_for_file "$scratch/ready$((25000 + i))"; done
  port=25000
  for protocol in chunked naive; do
    for kind in "${kinds[@]}"; do
      port=$((port + 1))
      options_of $kind
      s timeout 100 "$gallery" send "$scratch/set" "${to[@]}" --interface eth2 >"$scratch/send$port" 2>&1 &
      senders+=($!)
    done
  done
  for i in "${!senders[@]}"; do
    code=0
    wait "${senders[i]}" || code=$?
    # A naive sender gets no answer over UDP in any case, and cannot connect over TCP.
    expected=5
    if ((i >= 12)); then expected=6; elif ((i >= 7)); then expected=0; fi
    [[ $code == "$expected" || $code == 124 && $i -ge 12 ]] || { cat "$scratch/send$((25001 + i))"; exit 1; }
  done
  for i in "${!receivers[@]}"; do
    code=0
    wait "${receivers[i]}" || code=$?
    [[ $code == 6 ]] || cat "$scratch/log$((25001 + i))"
    expect_equal $code 6 "exit code of receiver $i (${kinds[i % 7]})"
    expect_contains "$(<"$scratch/log$((25001 + i))")" "no sender came" "receiver $i"
  done
}

# A firewall admits answers, so the receiver must answer from the address to which the sender wrote. IPv4 and IPv6.
case_answers_from_the_address_that_was_written_to() {
  start_lab --receivers 1
  r ip addr add 10.77.0.22/24 dev eth1
  r ip addr add fd77::22/64 dev eth1 nodad
  s nft -f - <<'NFT'
table inet firewall {
  chain in {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
  }
}
NFT
  local address link
  link=$(r ip -6 -o address show dev eth1 scope link | awk '{ sub("/.*", "", $4); print $4 }')
  for address in 10.77.0.11 10.77.0.22 fd77::11 fd77::22 "$link%eth1"; do
    r "$gallery" receive --into "$scratch/in-$address" --wait 100s --ready-file "$scratch/ready-$address" \
      >"$scratch/log-$address" 2>&1 &
    local receiver=$!
    wait_for_file "$scratch/ready-$address"
    expect_exit 0 s "$gallery" send "$repository/images/small" --to "$address" --wait 100s
    wait $receiver
    diff -r "$repository/images/small" "$scratch/in-$address"
  done
}

# Without a route for a group, the message says what to do.
case_a_group_without_a_route() {
  start_lab --receivers 1
  r ip route del 224.0.0.0/4
  local protocol
  for protocol in chunked naive; do
    expect_exit 6 r "$gallery" receive --protocol $protocol --mode multicast --group 224.1.1.5 --into "$scratch/in" --wait 1s
    expect_contains "$output" "no route to" "$protocol"
    expect_contains "$output" "name an interface with --interface" "$protocol"
    expect_exit 6 r "$gallery" receive --protocol $protocol --mode multicast --group 224.1.1.5 --interface eth1 --into "$scratch/in" --wait 200ms
    expect_contains "$output" "no sender came" "$protocol with an interface"
  done
}

test_case "chunked: what is sent leaves by the named interface, in every mode" case_chunked
test_case "naive: what is sent leaves by the named interface, in every mode" case_naive
test_case "an ordinary user may name an interface" case_ordinary_user
test_case "a receiver that names an interface hears no other one" case_deaf_elsewhere
test_case "a receiver answers from the address that was written to" case_answers_from_the_address_that_was_written_to
test_case "a group without a route: name an interface" case_a_group_without_a_route
finish
