#!/bin/sh
# Tests of everything that threads share or that holds memory by hand, and a short soak of the program, under a sanitizer:
# sh scripts/sanitize.sh thread|address [SWIFT]
#
# Builds into .build-thread and .build-address. What a sanitizer finds ends the process it finds it in, or makes it end with a status.
set -eu
cd "$(dirname "$0")/.."
sanitizer=$1
swift=${2:-swift}
folder=.build-$sanitizer
export TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.txt"
export LSAN_OPTIONS="suppressions=$PWD/scripts/leak-sanitizer.txt"
# Swift's own handler would hide the sanitizer's report.
export SWIFT_BACKTRACE=enable=no
$swift build --build-tests --sanitize="$sanitizer" --scratch-path "$folder"
$swift test --skip-build --disable-xctest --sanitize="$sanitizer" --scratch-path "$folder" \
    --filter '^(HTTPWireTests|HTTPServerTests|LedgerTests|GzipTests|JSONTests|APITests|FuzzTests)\.'
python3 scripts/soak.py "$folder/debug/sluice" 20000
