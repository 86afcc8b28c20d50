# Sourced by the commands in scripts/: runs the script of the same name from wherever it is called. From the source where
# tsx is installed, from dist/ where it is not (a production install), and after `npm ci` where nothing is installed.
# One process and no shell in between, so that Ctrl-C is heard once.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0")
tsx="$here/node_modules/tsx/dist/loader.mjs"

if [ ! -e "$tsx" ] && [ ! -e "$here/dist/scripts/$name.js" ]; then
  (source "$here/scripts/prepare.sh") || exit 1
fi
if [ -e "$tsx" ]; then
  exec node --import "file://$tsx" "$here/scripts/$name.ts" "$@"
fi
exec node "$here/dist/scripts/$name.js" "$@"
