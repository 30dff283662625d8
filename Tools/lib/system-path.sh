# shellcheck shell=bash
# Sourced by the tests: the system's own programs come first on PATH. They are the ones that install-dependencies installs. A
# python3 of pyenv is a shell script that looks for the interpreter: each start took 0.13 s of the processor, Debian's takes
# 0.015 s, and the tests start it hundreds of times.
PATH=/usr/bin:$PATH
