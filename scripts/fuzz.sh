#!/bin/sh
# Runs each fuzzer for a while, one after the other: sh scripts/fuzz.sh SECONDS [NAME…]
#
# What they reach is kept in Fuzz/.build/corpus and is where the next run begins; what they find goes to Fuzz/Findings/NAME, where
# `make test` replays it. Ends with 1 when one of them found something.
set -eu
cd "$(dirname "$0")/../Fuzz"
seconds=$1
shift
failed=0
# Swift's own handler would end the process before libFuzzer keeps the input.
export SWIFT_BACKTRACE=enable=no
for name in ${*:-requests chunks results policies gzip patterns}; do
    mkdir -p ".build/corpus/$name" "Findings/$name"
    echo "fuzz-$name: $seconds seconds"
    ".build/release/fuzz-$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="Findings/$name/" ".build/corpus/$name" "Seeds/$name" >".build/$name.log" 2>&1 || {
        failed=1
        grep -E 'Fatal error|ERROR|SUMMARY|Test unit written' ".build/$name.log" || tail -5 ".build/$name.log"
    }
    grep -E 'DONE|number_of_executed_units|peak_rss_mb' ".build/$name.log" | tail -3 || true
    # git keeps no empty folders, and there is nothing to replay.
    rmdir "Findings/$name" 2>/dev/null || true
done
rmdir Findings 2>/dev/null || true
exit $failed
