# Sourced by ./scripts/check and ./scripts/nightly: counts checks and tests. The last line that they print counts.
report=$(mktemp)
trap 'rm -f "$report"' EXIT

passed=0
failed=0
check() {
  echo "== $1"
  if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# tests <vitest arguments>: counts each test.
tests() {
  local status ok bad skipped
  echo '== tests'
  vitest run "$@" --reporter=default --reporter=json --outputFile.json="$report"
  status=$?

  # A file that cannot be loaded, or an error outside any test, has no failed test of its own: it counts as one.
  read -r ok bad skipped < <(node -e '
  const text = require("node:fs").readFileSync(process.argv[1], "utf8");
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = text ? JSON.parse(text) : {};
  const failed = numFailedTests || (process.argv[2] === "0" && text ? 0 : 1);
  console.log(numPassedTests, failed, numPendingTests + numTodoTests);
' "$report" "$status")
  passed=$((passed + ok))
  failed=$((failed + bad))
  [ "$skipped" -eq 0 ] || echo "$skipped tests were skipped; each says above what it needs."
}

summary() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

export PATH="$PWD/node_modules/.bin:$PATH"
