#!/usr/bin/env bash
# A new data directory as the database was at one second; nothing that runs is touched.
#   restore.sh WHERE DATA "2026-11-22 09:30:00+08"    the newest backup before that second, and WAL up to it
#   restore.sh WHERE DATA latest                      everything that was archived
# Then start PostgreSQL on DATA (as the user who owns it). It replays and opens by itself.
set -euo pipefail
where=${1:?where the backups are} data=${2:?new data directory} second=${3:?time with its zone, or latest}
[ ! -e "$data" ] || { echo "$data is already there; give a new directory" >&2; exit 1; }
case $second in
    latest) until_stamp=9 target='' ;;
    *) until_stamp=$(date -u -d "$second" +%Y%m%dT%H%M%SZ) target="recovery_target_time = '$second'" ;;
esac
base=
for found in "$where"/base/2*; do
    [ ! -e "$found" ] || [[ $(basename "$found") > $until_stamp ]] || base=$found
done
[ -n "$base" ] || { echo "no backup in $where is older than $second" >&2; exit 1; }
echo "restoring $base up to $second into $data"
mkdir -m 0700 "$data"
cp -a "$base/." "$data/"
cat >> "$data/postgresql.auto.conf" <<CONF
restore_command = 'cp $where/wal/%f %p'
$target
recovery_target_action = 'promote'
# The restored cluster must not write into the archive that it was made from.
archive_command = '/bin/false'
archive_mode = off
CONF
touch "$data/recovery.signal"
