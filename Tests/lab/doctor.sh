#!/usr/bin/env bash
# gallery doctor in a host of the lab. One thing is broken at a time; doctor must find it, and its advice must repair it.
source "$(dirname "$0")/testing.bash"

examine() { lab exec s "$gallery" doctor "$@"; }
multicast=(--mode multicast --group 224.1.1.5)

# mend_and_pass WORD…: runs the command after the last arrow of $output in the host, without sudo and remarks.
mend() {
  local command
  command=$(grep -A1 "$1" <<<"$output" | sed -nE 's/^ *→ (sudo )?//p' | head -1 | sed 's/ *#.*//')
  lab exec s bash -c "$command"
}

case_whole() {
  start_lab --receivers 1
  expect_exit 0 examine "${multicast[@]}"
  expect_contains "$output" "✓ route: 224.1.1.5 by eth1" "route"
  expect_exit 0 examine --to 10.77.0.11
  expect_exit 0 examine --mode broadcast --to 10.77.0.255 --protocol naive
  expect_contains "$output" "✓ reassembly" "fragments"
  expect_exit 0 examine "${multicast[@]}" --json
  expect_contains "$output" '"status" : "fine"' "JSON"
}

case_interface_down() {
  start_lab --receivers 1
  lab exec s ip link set eth1 down
  expect_exit 6 examine "${multicast[@]}" --interface eth1
  expect_contains "$output" "✗ interface: eth1 is down" "finding"
  mend "eth1 is down"
  expect_exit 0 examine "${multicast[@]}" --interface eth1
}

case_no_address() {
  start_lab --receivers 1
  lab exec s ip address flush dev eth1
  expect_exit 6 examine "${multicast[@]}" --interface eth1
  expect_contains "$output" "✗ address: eth1 has no IPv4 address" "finding"
}

case_no_route() {
  start_lab --receivers 1
  lab exec s ip route del 224.0.0.0/4
  expect_exit 6 examine "${multicast[@]}"
  expect_contains "$output" "✗ route: no route to 224.1.1.5" "finding"
  mend "no route"
  expect_exit 0 examine "${multicast[@]}"
  lab exec s ip route del 10.77.0.0/24
  expect_exit 6 examine --to 10.77.0.11
  expect_contains "$output" "✗ route: no route to 10.77.0.11" "unicast"
}

case_no_multicast_flag() {
  start_lab --receivers 1
  lab exec s ip link set eth1 multicast off
  expect_exit 6 examine "${multicast[@]}" --interface eth1
  expect_contains "$output" "✗ multicast: eth1 has no MULTICAST flag" "finding"
  mend "no MULTICAST"
  expect_exit 0 examine "${multicast[@]}" --interface eth1
}

case_firewall() {
  start_lab --receivers 1
  lab exec s nft -f - <<<'table inet filter {
    chain input { type filter hook input priority 0; policy accept; udp dport 24000-26000 drop; }
  }'
  expect_exit 6 examine "${multicast[@]}"
  expect_contains "$output" "of inet filter input drops what goes to UDP port 25000" "finding"
  mend "drops what goes"
  expect_exit 0 examine "${multicast[@]}"
  lab exec s nft -f - <<<'table inet closed { chain output { type filter hook output priority 0; policy drop; }; }'
  expect_exit 6 examine --to 10.77.0.11
  expect_contains "$output" "✗ firewall: the policy of inet closed output drops" "policy"
}

case_wrong_addresses() {
  start_lab --receivers 1
  expect_exit 6 examine --mode broadcast --to 10.77.0.254
  expect_contains "$output" "10.77.0.255 is" "the right one is named"
  expect_exit 64 examine --mode multicast --group 10.77.0.11
  expect_contains "$output" "10.77.0.11 is no group" "what a group is"
  expect_exit 6 examine --interface eth9
  expect_contains "$output" "there are eth1, lo" "interfaces are listed"
}

case_tunnel_and_two_interfaces() {
  start_lab --receivers 1
  lab exec s ip link add wg0 type veth peer name wg1
  lab exec s ip address add 10.9.0.1/24 dev wg0
  lab exec s ip link set wg1 up
  lab exec s ip link set wg0 up
  lab exec s ip route replace 224.0.0.0/4 dev wg0
  expect_exit 0 examine "${multicast[@]}"
  expect_contains "$output" "! route: the route leads into wg0, a VPN tunnel" "the trap"
}

case_port_in_use() {
  start_lab --receivers 1
  lab exec s python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 25000)); time.sleep(300)' &
  wait_until is_bound_in s 25000
  expect_exit 6 examine
  expect_contains "$output" "✗ port: UDP port 25000 is in use" "finding"
}

# A laptop without a network: a receiver and a sender on it work, and the advice names only interfaces that exist.
case_loopback_only() {
  local command
  # The interfaces are read from /sys, which shows those of the namespace that mounted it.
  command="mount -t sysfs none /sys; ip link set lo up; exec '$gallery' doctor"
  expect_exit 0 unshare --net --mount sh -c "$command"
  expect_contains "$output" "✓ interface: lo is up" "the interface that is used"
  expect_contains "$output" "! interface: this host has none but the loopback" "what does not work"
  expect_exit 6 unshare --net --mount sh -c "$command --mode multicast --group 224.1.1.5"
  expect_contains "$output" "--interface lo" "the only interface"
  expect_equal "$(grep -c 'eth0' <<<"$output")" 0 "interfaces that are not there"
  expect_exit 0 unshare --net --mount sh -c "$command --mode multicast --group 224.1.1.5 --interface lo"
}

case_small_buffers() { # the sandbox grants less than asked for: each buffer's finding says what that does
  start_lab --receivers 1
  expect_exit 0 examine --to 10.77.0.11
  expect_equal "$(grep -c 'send buffer.*drop' <<<"$output")" 0 "a send buffer drops nothing"
  [[ $output != *"! receive buffer"* ]] ||
    expect_contains "$output" "The kernel drops datagrams when this buffer is full." "receive buffer"
}

test_case "a host that is well has nothing broken" case_whole
test_case "an interface that is down" case_interface_down
test_case "an interface without an address" case_no_address
test_case "no route" case_no_route
test_case "an interface without multicast" case_no_multicast_flag
test_case "a firewall that drops" case_firewall
test_case "addresses that do not fit" case_wrong_addresses
test_case "a route into a tunnel" case_tunnel_and_two_interfaces
test_case "a port in use" case_port_in_use
test_case "a host with only the loopback" case_loopback_only
test_case "buffers that are granted in part" case_small_buffers
finish
