#!/usr/bin/env bash
# A base backup of the whole cluster beside the archived WAL, then old ones removed.
#   backup.sh WHERE [KEEP]     KEEP base backups stay (default 7); connection by PGHOST, PGPORT, PGUSER
# WHERE/base/<UTC time>/ holds the backup, WHERE/wal/ what archive_command of PostgreSQL copied:
#   archive_mode = on
#   archive_command = 'test ! -f WHERE/wal/%f && cp %p WHERE/wal/%f.part && mv WHERE/wal/%f.part WHERE/wal/%f'
set -euo pipefail
where=${1:?where to keep backups} keep=${2:-7}
stamp=$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$where/base" "$where/wal"
# Verified by its manifest before it gets its name: an interrupted backup never looks like one.
pg_basebackup -D "$where/base/.$stamp" -X stream -c fast --manifest-checksums=SHA256
pg_verifybackup -q "$where/base/.$stamp"
mv "$where/base/.$stamp" "$where/base/$stamp"
echo "$where/base/$stamp"

mapfile -t old < <(find "$where/base" -mindepth 1 -maxdepth 1 -name '2*' | sort | head -n "-$keep")
[ "${#old[@]}" -eq 0 ] || rm -rf -- "${old[@]}"
find "$where/base" -mindepth 1 -maxdepth 1 -name '.2*' -mtime +1 -exec rm -rf {} +
# WAL older than the oldest backup that is left is of no use to any of them.
oldest=$(find "$where/base" -mindepth 1 -maxdepth 1 -name '2*' | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .*(file \(.*\))$/\1/p' "$oldest/backup_label")
pg_archivecleanup "$where/wal" "$first"
