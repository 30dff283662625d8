# The medians as a table, as CSV and as a plot. Sourced by Tools/bench.

# bench.csv: tool, loss, median, least and most Gb/s, ratio to the raw ceiling, median wire ratio, runs that ended.
summarise() {
  sort -t, -k1,1 -k2,2n -k4,4n "$out/samples.csv" | awk -F, '
    function flush_group(   i, middle) {
      if (n == 0) return
      middle = rate[int((n + 1) / 2)]
      printf "%s,%s,%.4f,%.4f,%.4f,%.4f,%d,%d\n", tool, loss, middle, rate[1], rate[n], wire[int((n + 1) / 2)], ended, n
      n = 0; ended = 0
    }
    $1 == "tool" {next}
    $1 != tool || $2 != loss {flush_group(); tool = $1; loss = $2}
    {rate[++n] = $4; wire[n] = $5; if ($4 > 0) ended++}
    END {flush_group()}'
}

print_table() {
  summarise >"$work/summary"
  local raw
  raw=$(awk -F, '$1 == "raw" && $2 == 0 {print $3}' "$work/summary")
  {
    echo "tool,lossPercent,gigabitsPerSecond,least,most,ratioToRaw,wireRatio,endedRuns,runs"
    awk -F, -v raw="${raw:-0}" '{printf "%s,%s,%s,%s,%s,%.4f,%s,%s,%s\n", $1, $2, $3, $4, $5, (raw > 0 ? $3 / raw : 0), $6, $7, $8}' "$work/summary"
  } >"$out/bench.csv"
  echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), Linux $(uname -r), load $(cut -d' ' -f1 /proc/loadavg)"
  echo "$megabytes MB, packets of $mtu bytes, $(if [[ $loopback == yes ]]; then echo loopback; else echo "veth, offloads $offloads"; fi), median of $runs"
  awk -F, '
    NR == 1 {printf "%-8s %6s %8s %17s %7s %10s %6s %6s\n", "tool", "loss", "Gb/s", "least…most", "÷ raw", "÷raw·(1−p)", "wire", "ended"; next}
    {printf "%-8s %5s%% %8.3f %7.3f…%-7.3f %7.3f %10.3f %6.3f %3d/%d\n", $1, $2, $3, $4, $5, $6, $6 / (1 - $2 / 100), $7, $8, $9}' "$out/bench.csv"
}

plot_table() {
  command -v gnuplot >/dev/null || { say "no gnuplot: no plot"; return 0; }
  local tool lines=() format
  for tool in $(awk -F, 'NR > 1 {print $1}' "$out/bench.csv" | sort -u); do
    awk -F, -v t="$tool" '$1 == t {print $2, $3, $4, $5}' "$out/bench.csv" >"$work/$tool.dat"
    lines+=("'$work/$tool.dat' using 1:2:3:4 with yerrorlines linewidth 2 title '$tool'")
  done
  for format in svg png; do
    gnuplot <<PLOT
set terminal $format size 800,500
set output '$out/bench.$format'
set xlabel 'packet loss, %'
set ylabel 'file data, Gb/s'
set yrange [0:*]
set key outside
set grid
plot $(IFS=,; echo "${lines[*]}")
PLOT
  done
  say "$out/bench.csv, bench.svg, bench.png"
}
