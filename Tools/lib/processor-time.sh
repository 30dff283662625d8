# shellcheck shell=bash disable=SC2034 # the variable is for the caller
# The processor time of jobs. Sourced by Tools/test and Tests/lab/testing.bash.

# Sets $processor_ticks to the time that the ended children of this shell took, theirs included, in hundredths of a second.
read_processor_ticks() {
  local fields
  read -ra fields <"/proc/$BASHPID/stat"
  processor_ticks=$((fields[15] + fields[16]))
}
