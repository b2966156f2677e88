#!/usr/bin/env bash
# Builds flinkc from the version of the action, where no program of that name is there.
set -euo pipefail

if command -v -- "$FLINKC" >/dev/null; then
  exit 0
fi
if [ "$FLINKC" != flinkc ]; then
  echo "::error::there is no program $FLINKC"
  exit 1
fi
cargo install --locked --path "$GITHUB_ACTION_PATH/../.." --root "$RUNNER_TEMP/flinkc"
echo "$RUNNER_TEMP/flinkc/bin" >>"$GITHUB_PATH"
