# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# Small sets, in which start and end matter: 20 images, and 100,000 files of 1 kB, beside tar through one TCP connection.
# Sourced by Tools/bench.

small_header=set,tool,run,senderSeconds,bothSeconds

# The sets are in memory, like every set of this bench.
make_small_sets() {
  mkdir "$work/images" "$work/files"
  cp "$here"/../images/small/*.jpg "$work/images/"
  head -c "$((small_files * 1000))" /dev/urandom | split -b 1000 -d -a 6 - "$work/files/file-"
}

# Both tools: the receiver waits, then the sender starts. sender_seconds: until the sender has ended; gallery's ends when the
# receiver has verified, tar's when the kernel has taken the bytes. wall_seconds: until both have ended.
receive_tar() { on "$1" "$work/wire" tcp-listen "$port" tar -xf - -C "$work/inbox"; }
small_tar() { # FOLDER
  each_receiver receive_tar
  await_port tcp "$port" r1 || { end_receivers; return 1; }
  start_clock
  (on s "$work/wire" tcp-connect "$(address_of r1)" "$port" tar -cf - -C "$1" .) || { end_receivers; return 1; }
  sender_seconds=$(difference "$clock_began" "$EPOCHREALTIME")
  await_receivers || return 1
  stop_clock
  diff -rq "$1" "$work/inbox" >/dev/null
}

receive_small() { on "$1" "$gallery" receive --into "$work/inbox" --port "$port" --quiet >/dev/null; }
small_gallery() { # FOLDER
  each_receiver receive_small
  await_port udp "$port" r1 || { end_receivers; return 1; }
  start_clock
  (on s "$gallery" send "$1" --all --to "$(address_of r1):$port" --mtu "$mtu" --quiet) || { end_receivers; return 1; }
  sender_seconds=$(difference "$clock_began" "$EPOCHREALTIME")
  await_receivers || return 1
  stop_clock
  diff -rq "$1" "$work/inbox" >&2
}

measure_small() {
  local round set tool
  make_small_sets
  echo "$small_header" >"$out/small.csv"
  for set in images files; do
    for ((round = 1; round <= runs; round++)); do
      for tool in tar gallery; do
        rm -rf "$work/inbox" "$work"/used/* && mkdir "$work/inbox"
        "small_$tool" "$work/$set" || fail 1 "$tool failed with the $set"
        echo "$set,$tool,$round,$sender_seconds,$wall_seconds" >>"$out/small.csv"
        say "$tool, $set, run $round: sender $sender_seconds s, both $wall_seconds s"
      done
    done
  done
}

# tar's time is that of both sides, because the end of its sender says nothing about the receiver. gallery has both times.
print_small() {
  machine_line
  echo "$(place), packets of $mtu bytes, median of $runs; seconds from the sender's start, the receiver waiting"
  awk -F, -v files="$small_files" '
    function median(row, column,   n, i, j, kept, sorted) {
      n = counts[row]
      for (i = 1; i <= n; i++) {
        kept = values[row, column, i] + 0
        for (j = i - 1; j >= 1 && sorted[j] > kept; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = kept
      }
      return (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2
    }
    function line(set, name, factor, extra,   tar, sent, both) {
      tar = median(set "tar", 5); sent = median(set "gallery", 4); both = median(set "gallery", 5)
      printf "%-24s %9.3f %9.3f %9.3f %9.3f  %s\n", name, tar, sent, both, factor * tar + extra,
        (sent <= factor * tar + extra ? "holds" : "does not hold") (both <= factor * tar + extra ? "" : ", for both sides not")
    }
    NR == 1 {next}
    {row = $1 $2; counts[row]++; values[row, 4, counts[row]] = $4; values[row, 5, counts[row]] = $5}
    END {
      printf "%-24s %9s %9s %9s %9s\n", "set", "tar", "gallery", "both", "limit"
      line("images", "images/small", 3, 0.020)
      line("files", files " files of 1 kB", 2, 0)
    }' "$out/small.csv"
}
