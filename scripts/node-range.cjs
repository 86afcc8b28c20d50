/**
 * Whether a version of Node fits `engines` of package.json, the one place that says which do. Plain old JavaScript, so that
 * a Node that is too old can still read it and say so. Run: exits with 1 and one sentence when this Node does not fit.
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const { engines } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
const range = engines.node;
const install = `Node.js ${range} is needed: https://nodejs.org`;

/** `range`: comparators (`>=20.19.0 <21`), alternatives between `||`. */
function fits(version) {
  return range.split('||').some((part) =>
    part
      .trim()
      .split(/\s+/)
      .every((one) => holds(one, version)),
  );
}

function holds(comparator, version) {
  const [, operator, wanted] = /^(>=|<)(\d+(?:\.\d+){0,2})$/.exec(comparator) || [];
  if (!operator) throw new Error(`package.json: engines.node has "${comparator}", which is not understood here.`);
  const isBelow = compare(version, wanted) < 0;
  return operator === '<' ? isBelow : !isBelow;
}

function compare(left, right) {
  const [a, b] = [left, right].map((text) => text.split('.').map(Number));
  const at = [0, 1, 2].find((place) => (a[place] || 0) !== (b[place] || 0));
  return at === undefined ? 0 : (a[at] || 0) - (b[at] || 0);
}

/** The oldest version of each alternative. */
const floors = range.split('||').map((part) => /\d+\.\d+\.\d+/.exec(part)[0]);

module.exports = { fits, floors, install };

if (require.main === module && process.argv[2] === '--floors') {
  console.log(floors.join('\n'));
} else if (require.main === module && !fits(process.versions.node)) {
  console.error(`Node.js ${process.versions.node} cannot run this. ${install}`);
  process.exit(1);
}
