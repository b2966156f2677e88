#!/usr/bin/env bash
# Writes what a pull request changes into the step's summary, and into one comment that each run writes anew.
set -euo pipefail

body=$(mktemp)
trap 'rm -f "$body"' EXIT

# Only letters that cannot end the HTML comment.
key=$(printf '%s %s' "$PROGRAM" "$ENVIRONMENT" | tr -c 'A-Za-z0-9._/' '-' | tr -s '-')
export MARKER="<!-- flinkc $key -->"
printf '%s\n' "$MARKER" >"$body"

# A shallow clone lacks the base.
if ! git cat-file -e "$BASE^{commit}" 2>/dev/null; then
  git fetch --quiet --no-tags --depth=1 origin "$BASE"
fi

options=("--against=$BASE" --format=markdown)
if [ -n "$ENVIRONMENT" ]; then
  options+=("--env=$ENVIRONMENT")
fi
status=0
"$FLINKC" diff "${options[@]}" -- "$PROGRAM" >>"$body" || status=$?
if [ "$status" -gt 1 ]; then
  exit "$status"
fi
cat "$body" >>"$GITHUB_STEP_SUMMARY"

# A pull request from a fork has a token that may only read.
no_comment() {
  echo "::notice::the changes stand in the summary: the token may not comment on the pull request"
  exit 0
}

if [ -z "$GH_TOKEN" ]; then
  no_comment
fi
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
# shellcheck disable=SC2016 # the names are jq's
mine='.[] | select(.user.login == env.AUTHOR and (.body | startswith(env.MARKER))) | .id'
found=$(gh api --paginate "$comments" --jq "$mine") || no_comment
id=${found%%$'\n'*}
if [ -n "$id" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$body" || no_comment
elif [ "$status" -eq 1 ]; then
  gh api --silent --method POST "$comments" --field "body=@$body" || no_comment
fi
