#!/usr/bin/env bash
# Installs eni-lint: the release that INPUT_VERSION names, or what stands beside this script.
set -euo pipefail

beside=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
wanted=${INPUT_VERSION:+eni-lint==$INPUT_VERSION}
exec python -m pip install --quiet --disable-pip-version-check "${wanted:-$beside}"
