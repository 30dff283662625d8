# shellcheck shell=bash disable=SC2154 # the parts of one program share variables
# The medians as a plot, SVG for reports and PNG to look at. Sourced by Tools/bench.

# Colours that colour-blind people can distinguish (Okabe and Ito). Each tool also has its own point, for black and white.
plot_colours=(000000 0072b2 d55e00 009e73 cc79a7 e69f00 56b4e9 666666 7f3f00 4b0082 008080)
plot_points=(7 5 9 13 11 4 6 8 12 2 1)

plot_table() {
  command -v gnuplot >/dev/null || { say "no gnuplot: no plot"; return 0; }
  local format body
  if [[ $losses == *,* ]]; then body=$(curves); else body=$(bars); fi
  for format in "svg enhanced background rgb 'white'" pngcairo; do
    gnuplot <<PLOT 2>"$work/gnuplot-errors" || { say "gnuplot: $(tail -n 1 "$work/gnuplot-errors")"; return 0; }
set terminal $format size 960,600 font 'Helvetica,13'
set output '$out/bench.$([[ $format == svg* ]] && echo svg || echo png)'
set title "$megabytes MB, packets of $mtu bytes, $(place), $mode to $receiver_count;\nmedian, least and most of $runs"
set ylabel 'file data, Gb/s'
set grid
$body
PLOT
  done
  say "$out/bench.csv, bench.svg, bench.png"
}

# One line for each tool over loss; of the ceilings only those with rows above 0 %. Dashes: the rate of raw UDP less the loss.
curves() {
  local tool index=0 colour point width lines=()
  for tool in raw raw-file; do
    [[ -n $(rate_without_loss "$tool") ]] || continue
    lines+=("$(rate_without_loss "$tool") * (1 - x / 100.0) with lines dashtype $((2 + index)) linecolor '#666666' linewidth 2 title '$tool · (1 − p)'")
    index=$((index + 1))
  done
  index=0
  while IFS= read -r tool; do
    # A run that did not end has the rate 0, which a logarithmic axis cannot show.
    awk -F, -v t="$tool" '$1 == t && $4 > 0 {print $2, $4, ($5 > 0 ? $5 : $4), $6}' "$out/bench.csv" >"$work/plot-$tool"
    [[ -s $work/plot-$tool ]] || continue
    colour=${plot_colours[index % ${#plot_colours[@]}]} point=${plot_points[index % ${#plot_points[@]}]} width=1.5
    [[ $tool != gallery ]] || width=4
    index=$((index + 1))
    lines+=("'$work/plot-$tool' using 1:2:3:4 with yerrorlines linecolor '#$colour' pointtype $point linewidth $width title '$tool'")
  done < <(awk -F, 'NR > 1 && ($1 !~ /^raw/ || $2 > 0) && !seen[$1]++ {print $1}' "$out/bench.csv" | sort_gallery_first)
  cat <<CURVES
set xlabel 'packets lost, %'
set logscale y
set xrange [-0.5:*]
set key outside right top
plot $(IFS=,; echo "${lines[*]}")
CURVES
}
rate_without_loss() { awk -F, -v t="$1" '$1 == t && $2 == 0 && $4 > 0 {print $4}' "$out/bench.csv"; }
sort_gallery_first() { awk '$1 == "gallery" {print; next} {rest = rest $0 "\n"} END {printf "%s", rest}'; }

# With one loss: one bar for each tool.
bars() {
  awk -F, 'NR > 1 {print $1, $4, $5, $6}' "$out/bench.csv" >"$work/plot-bars"
  cat <<BARS
set xtics rotate by -35
set yrange [0:*]
set xlabel 'at ${losses} % loss' offset 0,-1
set bmargin 6
set style fill solid 0.6 border -1
set boxwidth 0.6
unset key
plot '$work/plot-bars' using 0:2:xtic(1) with boxes linecolor '#0072b2', '' using 0:2:3:4 with yerrorbars linecolor '#000000' pointsize 0 linewidth 2
BARS
}
