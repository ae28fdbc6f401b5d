/** Names the tests that passed only when they were tried again, so that nobody takes them for good. */

import type { Reporter, TestCase } from 'vitest/node';

export default class SecondTries implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky === true)
      this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd(): void {
    if (this.#names.length === 0) return;
    process.stdout.write(`\npassed at the second try only, and so to be looked at:\n`);
    for (const name of this.#names) process.stdout.write(`  ${name}\n`);
  }
}
