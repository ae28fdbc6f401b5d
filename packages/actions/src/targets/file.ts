/** A file of the machine that the alert came from, or of a container on it. */

import { inspectThrough } from '../host/ask-hands.ts';
import { findProcess, type ProcessTarget, processTarget, textIn } from './process.ts';
import type { TargetKind } from './target.ts';

export interface FileTarget {
  /** Whose file it is, as it sees it. */
  readonly process: ProcessTarget;
  readonly path: string;
  /** Whether the alert says that it was in no container. */
  readonly isOfMachine: boolean;
}

const fieldOf = { accessed: 'fd.name', executable: 'proc.exepath' } as const;

export const fileTarget: TargetKind<FileTarget> = {
  name: 'file',
  doc: 'A file of the machine that the alert came from; `file` says which field has it. Files of containers are reached through the process, as long as it is there.',
  fields: [...Object.values(fieldOf), ...processTarget.fields],
  find: (alert, { file: which }) => {
    const found = findProcess(alert);
    if (found.kind === 'missing') return found;
    const field = which === 'executable' ? fieldOf.executable : fieldOf.accessed;
    const path = textIn(alert.fields, field);
    if (!path.startsWith('/'))
      return {
        kind: 'missing',
        reason: `the alert has no path in \`${field}\`; put \`%${field}\` into the output of the rule`,
      };
    const isOfMachine = textIn(alert.fields, 'container.id') !== '' && found.target.container === '';
    return { kind: 'found', target: { process: found.target, path, isOfMachine } };
  },
  keyOf: ({ process: { hostname, container }, path }) =>
    `file ${path} ${container === '' ? '' : `in container ${container} `}on ${hostname}`,
  factsOf: ({ process: { hostname } }) => ({ node: hostname }),
  inspect: ({ process: { hostname } }, ports, signal) =>
    inspectThrough({ ports, hostname, deed: 'greet', data: {}, signal }),
};
