# Sourced by ./scripts/demo and ./scripts/test: goes to the root of the project, checks Node, installs what is missing.
# Everything it says goes to stderr; stdout belongs to whoever sourced it.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

fail() {
  echo "$1" >&2
  exit 1
}

command -v node >/dev/null || fail 'Node.js is missing. Install it (https://nodejs.org); package.json says which versions fit.'
node scripts/node-range.cjs || exit 1

# Compares versions, not times: a fresh checkout makes every file new.
installed() {
  node -e '
    const { existsSync, readFileSync } = require("node:fs");
    if (!existsSync("node_modules/.package-lock.json")) process.exit(1);
    const read = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
    const [wanted, present] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
    const missing = ([path, { version, optional }]) => path && !optional && present[path]?.version !== version;
    process.exit(Object.entries(wanted).some(missing) ? 1 : 0);
  '
}

if ! installed; then
  echo 'Installing dependencies (npm ci).' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2 || fail 'npm ci failed; what it said is above.'
fi
