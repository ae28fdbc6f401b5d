/**
 * `npm test`: format and lint, types, then every test; the last line counts what passed, failed and was skipped.
 * Syntax of Node 12; see main.cjs.
 */
'use strict';

const fs = require('fs');
const path = require('path');
const { root, run, say } = require('./machine.cjs');

const secondTries = path.join(root, 'tools', 'setup', 'second-tries.ts');
const resultsFile = path.join(root, 'build', 'test-results.json');

/** Arguments narrow the tests (`npm test -- packages/lang`); the checks before them always run. */
async function runTests(rest) {
  let failedSteps = 0;
  say('format and lint (biome)');
  if ((await run('biome', ['check', '--diagnostic-level=error', '.'])) !== 0) failedSteps++;
  say('types (tsc)');
  if ((await run('tsc', ['--noEmit', '-p', '.'])) !== 0) failedSteps++;
  if ((await run('tsc', ['--noEmit', '-p', 'ui'])) !== 0) failedSteps++;
  say('tests (vitest)');
  fs.mkdirSync(path.dirname(resultsFile), { recursive: true });
  if (fs.existsSync(resultsFile)) fs.unlinkSync(resultsFile);
  const reporters = ['default', 'json', secondTries].map((name) => `--reporter=${name}`);
  reporters.push(`--outputFile.json=${resultsFile}`);
  const status = await run('vitest', ['run'].concat(reporters, rest));
  const counts = readCounts();
  // A run that fails without a failed test: a file that does not load, an error outside any test, no tests at all.
  const failed = counts.failed + failedSteps + (status !== 0 && counts.failed === 0 ? 1 : 0);
  process.stdout.write(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
  return failed === 0 ? 0 : 1;
}

function readCounts() {
  if (!fs.existsSync(resultsFile)) return { passed: 0, failed: 0, skipped: 0 };
  const results = JSON.parse(fs.readFileSync(resultsFile, 'utf8'));
  const unloaded = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

module.exports = { runTests };
