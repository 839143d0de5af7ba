#!/usr/bin/env bash
# Comments on a pull request, or brings the comment of an earlier run up to date.
#
#   ci/comment.sh FILE NUMBER
#
# FILE is what `eni-lint -f markdown` wrote; its first line marks the comment.
# Needs the GitHub CLI, GH_TOKEN with the permission `pull-requests: write`, and GITHUB_REPOSITORY.
set -euo pipefail

file=$1
number=$2
marker='<!-- eni-lint -->'
repository="repos/$GITHUB_REPOSITORY"

earlier=$(gh api --paginate "$repository/issues/$number/comments" \
  --jq ".[] | select(.body | startswith(\"$marker\")) | .id")
# The first of them: a reader who follows a link to it finds the newest report there.
earlier=${earlier%%$'\n'*}
if [ -n "$earlier" ]; then
  gh api --silent --method PATCH "$repository/issues/comments/$earlier" -F "body=@$file"
else
  gh api --silent --method POST "$repository/issues/$number/comments" -F "body=@$file"
fi
