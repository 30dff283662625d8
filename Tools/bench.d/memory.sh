# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# Resident memory of both sides, for a set that is far larger than the memory limit. Sourced by Tools/bench.

memory_limit_mebibytes=64

# A sparse file looks like any other file to both sides and needs no disk at the sender. The receiver writes all of it.
make_large_file() {
  local needed=$((megabytes + 1000)) free
  free=$(($(df --output=avail -B 1000000 "$work" | tail -1)))
  ((free >= needed)) || fail 3 "$work has $free MB free, $needed MB are needed: fewer --megabytes, or another TMPDIR"
  mkdir "$work/set"
  truncate -s "$((megabytes * 1000000))" "$work/set/large"
}

measure_memory() {
  local sender receiver
  make_large_file
  each_receiver receive_small
  await_port udp "$port" r1 || { end_receivers; fail 1 "gallery's receiver did not start"; }
  start_clock
  (on s "$gallery" send "$work/set" --all --to "$(address_of r1):$port" --mtu "$mtu" --quiet) ||
    { end_receivers; fail 1 "gallery failed"; }
  await_receivers || fail 1 "gallery's receiver failed"
  stop_clock
  cmp "$work/set/large" "$work/inbox/large" || fail 1 "gallery delivered other bytes than it was given"
  sender=$(peak_kibibytes s) receiver=$(peak_kibibytes r1)
  machine_line
  echo "$megabytes MB in one sparse file, $(place), packets of $mtu bytes"
  awk -v s="$sender" -v r="$receiver" -v limit="$memory_limit_mebibytes" -v wall="$wall_seconds" -v used="$(used_seconds)" 'BEGIN {
    printf "peak resident memory: sender %.1f MiB, receiver %.1f MiB (limit %d); %.1f s, %.1f CPU s\n", s / 1024, r / 1024, limit, wall, used
    exit !(s <= limit * 1024 && r <= limit * 1024)}' || fail 1 "more than $memory_limit_mebibytes MiB"
}
