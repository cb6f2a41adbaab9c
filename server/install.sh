#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that one step of the Makefile lacks; prints nothing and
# changes nothing when they are there.  usage: server/install.sh python|postgres|browser|sheets|redis
set -euo pipefail

# Prints the first Python >= 3.11 that can make a virtual environment.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# Sets as_root to what makes a command run as root without asking for a password.
may_be_root() {
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
        sudo -n true 2>/dev/null
    fi
}

# install WHY PACKAGE...: by apt-get; where that is not possible, says what to type and stops.
install() {
    local why=$1 said
    shift
    local line="apt-get install -y --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        echo "kandi: $why is missing, and this is no Debian or Ubuntu. Install what these are" >&2
        echo "kandi: called there, then run make again: $*" >&2
        exit 1
    fi
    if ! may_be_root; then
        echo "kandi: $why is missing. Run this, then make again:" >&2
        echo "    sudo apt-get update && sudo $line" >&2
        exit 1
    fi
    echo "kandi: installing $why: $*"
    update
    # ucf keeps a configuration file that is already there instead of asking.
    # shellcheck disable=SC2086 # the line is words on purpose
    said=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 $line \
        -qq -o Dpkg::Use-Pty=0 </dev/null 2>&1) || {
        printf '%s\n' "$said" >&2
        exit 1
    }
}

# Package mirrors fail now and then: the second try is after a pause.
update() {
    "${as_root[@]}" apt-get update -qq </dev/null && return
    sleep 5
    "${as_root[@]}" apt-get update -qq </dev/null
}

# Debian's package would create and start a cluster of its own; a machine that never had
# PostgreSQL is told not to. One that has it keeps its settings and its clusters.
no_cluster_of_debian() {
    local conf=/etc/postgresql-common/createcluster.conf
    if [ -e "$conf" ] || dpkg -s postgresql-common >/dev/null 2>&1; then
        return
    fi
    "${as_root[@]}" mkdir -p "${conf%/*}"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$conf" >/dev/null
}

# The version of PostgreSQL that this release of the distribution ships.
distribution_postgres() {
    { apt-cache depends postgresql 2>/dev/null || true; } |
        sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p'
}

install_postgres() {
    local version
    cd "$(dirname "$0")/.."
    # The cluster's own search is asked, so that there is one opinion on what is good enough.
    if ! "$1" -c 'from server import cluster; cluster.find_postgres()' 2>/dev/null; then
        version=$(distribution_postgres)
        if command -v apt-get >/dev/null && may_be_root; then
            [ -n "$version" ] || update # a machine without package lists
            version=$(distribution_postgres)
            no_cluster_of_debian
        fi
        install "PostgreSQL with PostGIS" "postgresql-${version:-15}" \
            "postgresql-${version:-15}-postgis-3"
    fi
    # PostgreSQL refuses to run as root; where its package made no user for it, we do.
    if [ "$(id -u)" -eq 0 ] && ! id postgres >/dev/null 2>&1 && ! id kandi >/dev/null 2>&1; then
        useradd --system --home-dir /nonexistent --shell /bin/false kandi
    fi
}

# What WeasyPrint draws site sheets with, and Chinese letters to draw.
install_sheets() {
    local packages=() library
    for library in libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; do
        dpkg -s "$library" >/dev/null 2>&1 || packages+=("$library")
    done
    [ -d /usr/share/fonts/opentype/noto ] || packages+=(fonts-noto-cjk)
    [ "${#packages[@]}" -eq 0 ] || install "what site sheets are drawn with" "${packages[@]}"
}

install_browser() {
    local packages=()
    if ! command -v chromium >/dev/null; then
        if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
            echo "kandi: Ubuntu's chromium is a snap that test tools cannot drive; for the browser" \
                "tests run: .venv/bin/playwright install --with-deps chromium"
        else
            packages+=(chromium)
        fi
    fi
    if [ ! -d /usr/share/fonts/opentype/noto ]; then
        packages+=(fonts-noto-cjk)
    fi
    if [ "${#packages[@]}" -gt 0 ]; then
        install "a browser with Chinese fonts" "${packages[@]}"
    fi
}

# What the tests of a shared cache start. Debian's package would start one of its own, too.
install_redis() {
    local policy=/usr/sbin/policy-rc.d
    if command -v redis-server >/dev/null; then
        return
    fi
    if may_be_root && [ ! -e "$policy" ]; then
        trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod +x "$policy"
    fi
    install "a Redis for the tests" redis-server
}

case ${1:-} in
python)
    find_python || {
        install "Python >= 3.11" python3 python3-venv >&2
        find_python
    } || {
        echo "kandi: this system's python3 is older than 3.11; install a newer one" >&2
        exit 1
    }
    ;;
postgres) install_postgres "${2:-python3}" ;;
browser) install_browser ;;
redis) install_redis ;;
sheets) install_sheets ;;
*)
    echo "usage: server/install.sh python|postgres [PYTHON]|browser|sheets|redis" >&2
    exit 2
    ;;
esac
