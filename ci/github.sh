#!/usr/bin/env bash
# Lints in a step of GitHub Actions, and ends with the exit code of eni-lint.
#
#   INPUT_PATHS         what to lint, one path per line
#   INPUT_FORMAT        what the log shows
#   INPUT_FAIL_ON       what makes the step fail; empty: as configured
#   INPUT_ARGUMENTS     further arguments, parted by blanks
#   INPUT_SARIF_FILE    where the SARIF report goes
#   INPUT_COMMENT_FILE  where the Markdown report goes
#
# The outputs of the step are exit-code, and sarif-file and comment-file where these were written.
set -euo pipefail

sarif=${INPUT_SARIF_FILE:-eni-lint.sarif}
comment=${INPUT_COMMENT_FILE:-eni-lint.md}
words=(-f "${INPUT_FORMAT:-github}" -f sarif -o "$sarif" -f markdown -o "$comment")
# Code scanning makes alerts of suppressed findings too, and keeps them open.
words+=(--hide-suppressed)
if [ -n "${INPUT_FAIL_ON:-}" ]; then
  words+=(--fail-on "$INPUT_FAIL_ON")
fi
# Blanks part the arguments, and nothing else of them means anything to the shell.
set -f
# shellcheck disable=SC2206
words+=(${INPUT_ARGUMENTS:-} --)
while IFS= read -r path; do
  if [ -n "$path" ]; then
    words+=("$path")
  fi
done <<<"${INPUT_PATHS:-.}"

rm -f -- "$sarif" "$comment"
code=0
eni-lint "${words[@]}" || code=$?

output=${GITHUB_OUTPUT:-/dev/null}
printf 'exit-code=%s\n' "$code" >>"$output"
if [ -e "$sarif" ]; then
  printf 'sarif-file=%s\n' "$sarif" >>"$output"
fi
if [ -e "$comment" ]; then
  printf 'comment-file=%s\n' "$comment" >>"$output"
  cat -- "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi
exit "$code"
