/** The container of the process that did it; for a process that is in none, its control group. */

import { findProcess, type ProcessTarget, processTarget } from './process.ts';
import type { TargetKind } from './target.ts';

export const controlGroupTarget: TargetKind<ProcessTarget> = {
  ...processTarget,
  name: 'control group',
  doc: 'The container of the process that did it, on the machine that the alert came from; for a process that is in none, its control group.',
  find: findProcess,
  keyOf: (target) =>
    target.container === ''
      ? `control group of ${processTarget.keyOf(target)}`
      : `container ${target.container} on ${target.hostname}`,
  // Which process it is makes no difference: the next one of the same container is as good.
  inspect: async (target, ports, signal) => {
    const seen = await processTarget.inspect(target, ports, signal);
    return seen.kind === 'there' ? { kind: 'there', facts: {} } : seen;
  },
};
