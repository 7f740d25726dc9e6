#!/bin/sh
# Installs what is missing for the given purposes, on Debian and its like: build, test, check, demo, bench.
# Does nothing, quickly, when nothing is missing. Works as root or with sudo; else says what to install.
set -eu

missing=""
optional=""
tools=""
checker=""

# have_package NAME: whether dpkg knows it as installed.
have_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }

need_library() { # package, pkg-config module
    if command -v dpkg-query >/dev/null 2>&1; then
        have_package "$1" || missing="$missing $1"
    elif ! pkg-config --exists "$2" 2>/dev/null; then
        missing="$missing $1"
    fi
}
need_command() { command -v "$2" >/dev/null 2>&1 || missing="$missing $1"; } # package, command
want_package() { have_package "$1" || optional="$optional $1"; }
want_command() { command -v "$2" >/dev/null 2>&1 || optional="$optional $1"; }

for purpose in "$@"; do
    case $purpose in
    build)
        if ! command -v swift >/dev/null 2>&1; then
            echo "bootstrap: Swift is not installed, or not on the PATH. Sluice needs Swift 6.3 or later: https://www.swift.org/install/linux/" >&2
            exit 1
        fi
        need_command pkg-config pkg-config
        need_library libsqlite3-dev sqlite3
        need_library libsimdjson-dev simdjson
        need_library zlib1g-dev zlib
        need_library libpcre2-dev libpcre2-8
        need_library libxgboost-dev xgboost
        ;;
    # Without these the tests that need them say that they are skipped: the one that traces writes and flushes; behind a real proxy; with
    # Python's clients, and those made from the contract. The larger ones are for the gate: nobody wants a web server from `make test`.
    test)
        want_command strace strace
        if [ -n "${CI:-}" ]; then
            want_command nginx-light nginx
            want_command default-jdk-headless javac
            want_package libgeronimo-annotation-1.3-spec-java
            python3 -c 'import venv, ensurepip' 2>/dev/null || want_package python3-venv
            tools=.build/test-tools
        fi
        ;;
    # Debian has no package of it: it goes into an environment of its own, beside what is built.
    check)
        if ! command -v openapi-spec-validator >/dev/null 2>&1 && [ ! -x .build/tools/bin/openapi-spec-validator ]; then
            checker="openapi-spec-validator>=0.7,<1"
            python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || optional="$optional python3 python3-venv"
        fi
        ;;
    demo) need_command python3 python3 ;;
    bench)
        need_command wrk wrk
        need_command python3 python3
        need_command util-linux taskset
        ;;
    *)
        echo "bootstrap: unknown purpose '$purpose'; known are build, test, check, demo, bench" >&2
        exit 2
        ;;
    esac
done

# install_checker: the validator of openapi.yaml, in .build/tools. Without it, what needs it says so.
install_checker() {
    [ -n "$checker" ] || return 0
    echo "bootstrap: installing $checker in .build/tools" >&2
    { python3 -m venv .build/tools && .build/tools/bin/pip install --quiet --disable-pip-version-check "$checker"; } </dev/null >/dev/null ||
        echo "bootstrap: going on without $checker (pip could not install it; its words are above)" >&2
}

# install_tools: Python's clients and the makers of clients, in a virtual environment. What cannot be had is skipped by its tests.
install_tools() {
    [ -n "$tools" ] || return 0
    wanted=$(cksum < scripts/test-tools.txt)
    [ "$(cat "$tools/wanted" 2>/dev/null)" != "$wanted" ] || return 0
    echo "bootstrap: installing scripts/test-tools.txt into $tools" >&2
    if python3 -m venv "$tools" && "$tools/bin/pip" install --quiet --disable-pip-version-check -r scripts/test-tools.txt; then
        echo "$wanted" > "$tools/wanted"
    else
        echo "bootstrap: going on without them" >&2
    fi
}

if [ -z "$missing$optional" ]; then
    install_checker
    install_tools
    exit 0
fi

give_up() {
    if [ -z "$missing" ]; then
        echo "bootstrap: going on without$optional ($1)" >&2
        install_checker
        install_tools
        exit 0
    fi
    echo "bootstrap: these packages are missing:$missing" >&2
    echo "bootstrap: $1" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || give_up "there is no apt-get here; install them, or what they are called on this system, and run this again"
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root="sudo"
else
    give_up "you are neither root nor may you use sudo without a terminal; ask for: apt-get install$missing$optional"
fi

export DEBIAN_FRONTEND=noninteractive
install() {
    [ $# -gt 0 ] || return 0
    echo "bootstrap: installing $*" >&2
    $as_root apt-get install -y --no-install-recommends "$@" </dev/null >/dev/null
}
# The lists of packages may be older than the mirror, or not there at all: fetch them when the first try fails.
# shellcheck disable=SC2086 # the lists are split on purpose
install $missing $optional 2>/dev/null || {
    $as_root apt-get update </dev/null >/dev/null || give_up "apt-get update failed (its words are above)"
    install $missing || give_up "apt-get could not install them (its words are above)"
    missing=""
    install $optional || give_up "apt-get could not install them"
}
install_checker
install_tools
