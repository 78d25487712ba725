# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Sourced by tests/run, tests/try and tests/bench.

# lacking LIST: the packages of a list that are not installed.
lacking () {
    grep '^[a-z]' "$1" | while read -r package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' \
            || printf ' %s' "$package"
    done
}

# prepare_host TESTS LIST…: install what the host needs, by the names of package lists.
prepare_host () {
    if [ "$(id -u)" -ne 0 ]; then
        echo "$0: needs root, because it boots machines" >&2
        exit 1
    fi
    tests=$1
    shift
    missing=$(for list; do lacking "$tests/packages/$list"; done)
    # npm builds the page for the browser; one of another origin is as good.
    case " $* " in
        *' browser '*) command -v npm >/dev/null || missing="$missing nodejs npm" ;;
    esac
    [ -n "$missing" ] || return 0
    echo "installing what this host lacks:$missing"
    # A source that cannot be read is no reason to stop; a missing package is.
    apt-get -qq update || true
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing \
        </dev/null >/dev/null
}
