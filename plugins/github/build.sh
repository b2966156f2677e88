#!/usr/bin/env bash
# Fails where what is built in Git is not what would be built.
set -euo pipefail

options=(--check)
if [ -n "$OUT" ]; then
  options+=("--out=$OUT")
fi
if [ "$RENDERED" = true ]; then
  options+=(--rendered)
fi
status=0
"$FLINKC" build "${options[@]}" -- "$PROGRAM" || status=$?
if [ "$status" -eq 1 ]; then
  echo "::error::what is built is not up to date: run flinkc build, and commit what it writes"
fi
exit "$status"
