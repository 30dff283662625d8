#!/usr/bin/env bash
# The reassembly trap (Specs/naive.md §6.6): a lossless run directly behind lossy ones delivers no image. As an ordinary user:
#
#   unshare -rn bash Tools/student/trap.sh
#
# This makes a network of its own, whose loopback has the MTU of an Ethernet. It takes a minute, and leaves no files.
set -euo pipefail
images=$(dirname "$(readlink -f "$0")")/../../images/small
export PATH=$PATH:/usr/sbin:/sbin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

ip link set lo up mtu 1500
nft add table ip lossy
nft 'add chain ip lossy in { type filter hook prerouting priority -450; }'

run() { # NAME
  gallery receive --protocol naive --into "$scratch/$1" --wait 5s --idle-timeout 5s -q &
  local receiver=$!
  sleep 0.5
  gallery send "$images" --protocol naive --to 127.0.0.1 --pause 5ms --wait 1s -q || true
  wait "$receiver" || true
  echo "$1: $(find "$scratch/$1" -type f | wc -l) of 20 images"
}

run before
nft add rule ip lossy in ip frag-off '&' 0x3fff != 0 numgen random mod 100 '<' 10 drop # every tenth fragment
for number in 1 2 3 4; do run "lossy-$number"; done
nft flush chain ip lossy in # no loss from here on
run directly-behind
grep FRAG /proc/net/sockstat
sleep 32
run after-32-seconds
