#!/usr/bin/env bash
# Six months of a made-up company, with nothing but commands that you could type yourself; each is printed first.
# Usage: scripts/demo.sh [FOLDER]. The folder is made anew; an earlier demo in it is removed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

demo=${1:-demo}
PATH=$PWD/.venv/bin:$PATH

if [ -e "$demo" ]; then
    if ! grep -qx 'workspace: demo' "$demo/compengine.yaml"; then
        printf '%s is there and is not a demo; remove it or name another folder\n' "$demo" >&2
        exit 1
    fi
    rm -r "$demo"
fi

title() { printf '\n── %s\n' "$*"; }
run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

title "A workspace: plans, tables, people, six months of data"
run compengine init --demo "$demo"
cd "$demo"
run compengine check
run compengine test
run compengine load data/start

for period in 2026-01 2026-02 2026-03 2026-04 2026-05 2026-06; do
    title "$period: what came in, what it is worth, what is paid"
    run compengine load "data/$period"
    run compengine calculate --period "$period" --as olive
    run compengine submit "$period" --as olive
    run compengine approve "$period" --as frank
    run compengine post "$period" --as frank
    run compengine finalize "$period" --as frank
    run compengine pay "$period" --as petra
done

title "All runs, and June in full: by component, by person, what was corrected"
run compengine runs
run compengine show 2026-06

title "What the people get"
run compengine statements 2026-06

title "Why: a large deal of cyrus was cancelled in April, and more was taken back than he earned"
run compengine explain cyrus 2026-04

title "Proof: March computed again from its stored inputs, and the whole ledger checked"
run compengine replay 2026-03
run compengine verify

title "Where to look"
cat <<EOT
  $demo/plans        the plans, each with its cases
  $demo/data         what arrived, month by month
  $demo/statements   a PDF for each payee
  cd $demo, then try: compengine runs, compengine show 2026-05, compengine explain joana 2026-06
EOT
