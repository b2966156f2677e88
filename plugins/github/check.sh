#!/usr/bin/env bash
# Shows diagnostics at their lines.
set -euo pipefail

exec "$FLINKC" check --format github -- "$PROGRAM"
