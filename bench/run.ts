/**
 * `npm run bench [NAME...]`: runs the benchmarks of this folder, all or those whose names contain a given word, one
 * after the other. A file here that exports nothing is a benchmark; the others are what they share.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const words = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && join(import.meta.dirname, name) !== import.meta.filename)
  .filter((name) => !/^export /m.test(readFileSync(join(import.meta.dirname, name), 'utf8')))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();

for (const name of names) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, name)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
if (names.length === 0) process.stderr.write(`no benchmark is called \`${words.join(' ')}\`\n`);
