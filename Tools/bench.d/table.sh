# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# The medians as a table, as CSV and as a plot. Sourced by Tools/bench.

# samples.csv to bench.csv: medians of each row's runs and its ratios.
summarise() {
  awk -F, -v OFS=, '
    function keep(kind, value) {values[row, kind, ++counts[row, kind]] = value}
    function median(kind,   n, i, j, kept, sorted) {
      n = counts[row, kind]
      for (i = 1; i <= n; i++) {
        kept = values[row, kind, i] + 0
        for (j = i - 1; j >= 1 && sorted[j] > kept; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = kept
      }
      least = sorted[1]; most = sorted[n]
      return (sorted[int((n + 1) / 2)] + sorted[int(n / 2) + 1]) / 2
    }
    function ratio(a, b) {return b > 0 ? sprintf("%.4f", a / b) : ""}
    NR == 1 {next}
    {
      row = $1 OFS $2
      if (!(row in clock)) order[++rows] = row
      if (!(row in clock) || $5 > 0) clock[row] = $4 # a run that did not end has no clock to name
      keep("rate", $5); keep("wall", $6); keep("wire", $7); keep("sender", $9); keep("receiver", $10)
      if ($5 > 0) {ended[row]++; keep("cpu", $8)}
      runs[row]++
    }
    END {
      print "tool", "lossPercent", "clock", "gigabitsPerSecond", "least", "most", "ratioToRaw", "ratioToRawFile",
        "wallGigabitsPerSecond", "galleryTimesThis", "galleryTimesThisByWall", "wireRatio", "cpuSecondsPerGigabyte",
        "cpuRatioToTcpFile", "senderPeakMebibytes", "receiverPeakMebibytes", "endedRuns", "runs"
      for (i = 1; i <= rows; i++) {
        row = order[i]
        rate[row] = median("rate"); low[row] = least; high[row] = most
        wall[row] = median("wall"); wire[row] = median("wire"); cpu[row] = counts[row, "cpu"] ? median("cpu") : 0
        sender[row] = median("sender"); receiver[row] = median("receiver")
      }
      for (i = 1; i <= rows; i++) {
        row = order[i]
        split(row, key, OFS)
        gallery = "gallery" OFS key[2]
        tcp = "tcp-file" OFS key[2]
        print row, clock[row], rate[row], low[row], high[row], ratio(rate[row], rate["raw" OFS 0]),
          ratio(rate[row], rate["raw-file" OFS 0]), wall[row], ratio(rate[gallery], rate[row]), ratio(wall[gallery], wall[row]),
          wire[row], cpu[row], ratio(cpu[row], cpu[tcp]), sprintf("%.1f", sender[row] / 1024),
          sprintf("%.1f", receiver[row] / 1024), ended[row] + 0, runs[row]
      }
    }' "$out/samples.csv" >"$out/bench.csv"
}

print_table() {
  summarise
  machine_line
  echo "$megabytes MB, packets of $mtu bytes, $(place), $mode to $receiver_count, median of $runs"
  # The rows of one tool together, in the order of the first run.
  awk -F, '
    function shown(value, form) {return value == "" || value + 0 == 0 ? "–" : sprintf(form, value)}
    function column(text, width,   copy, n) { # by characters: some awks count bytes
      copy = text
      n = width - length(copy) + gsub(/÷|·|×/, "&", copy) * (length("÷") - 1) + gsub(/–|…|−/, "&", copy) * (length("–") - 1)
      return sprintf("%" (n > 0 ? n : 0) "s%s", "", text)
    }
    NR == 1 {
      printf "%-9s%5s %-5s%s%s%s%s%s%s%s%s%s%s%s%s%s\n", "tool", "loss", "clock", column("Gb/s", 8), column("least…most", 16),
        column("÷ raw", 7), column("÷raw(1−p)", 10), column("÷ file", 7), column("whole", 8), column("gal÷", 7), column("whole÷", 7),
        column("wire", 7), column("CPU/GB", 7), column("÷ tcp", 7), column("MiB", 10), column("ended", 6)
      next
    }
    {
      if (!($1 in lines)) order[++tools] = $1
      p = $2 / 100
      lines[$1] = lines[$1] sprintf("%-9s%4s%% %-5s%s%s%s%s%s%s%s%s%s%s%s%s%s\n", $1, $2, $3, column(shown($4, "%.3f"), 8),
        column(sprintf("%.3f…%.3f", $5, $6), 16), column(shown($7, "%.3f"), 7), column(shown($7 / (1 - p), "%.3f"), 10),
        column(shown($8, "%.3f"), 7), column(shown($9, "%.3f"), 8), column(shown($10, "%.2f"), 7), column(shown($11, "%.2f"), 7),
        column(shown($12, "%.3f"), 7), column(shown($13, "%.2f"), 7), column(shown($14, "%.2f"), 7),
        column(sprintf("%.0f/%.0f", $15, $16), 10), column($17 "/" $18, 6))
    }
    END {for (i = 1; i <= tools; i++) printf "%s", lines[order[i]]}' "$out/bench.csv"
  [[ -z ${left_out:-} ]] || echo "left out: $left_out"
}
