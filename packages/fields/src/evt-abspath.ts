/** `evt.abspath`: the path of a call that starts from a directory fd, joined. Failed calls have it too. */

import { EVENT_CODE_COUNT, eventRoster } from '@peregrine/events';
import type { ArgumentParser, ParsedArgument } from './argument.ts';
import { type Binding, defineFields, textField } from './define-fields.ts';
import { resolvedPathOf } from './path-params.ts';

type End = 'first' | 'source' | 'destination';

const paths: Readonly<Record<string, string>> = {
  openat: 'name',
  openat2: 'name',
  open_by_handle_at: 'path',
  renameat: 'oldpath',
  renameat2: 'oldpath',
  linkat: 'oldpath',
  symlinkat: 'linkpath',
  unlinkat: 'name',
  mkdirat: 'path',
  fchmodat: 'filename',
  fchownat: 'pathname',
};

const secondPaths: Readonly<Record<string, string>> = {
  renameat: 'newpath',
  renameat2: 'newpath',
  linkat: 'newpath',
};

function indexesOf(end: End): Int8Array {
  const indexes = new Int8Array(EVENT_CODE_COUNT).fill(-1);
  for (const type of eventRoster) {
    if (type.direction !== 'exit') continue;
    // Only calls with two paths tell the source from the destination.
    const isPair = secondPaths[type.name] !== undefined;
    if (end !== 'first' && !isPair) continue;
    const wanted = end === 'destination' ? secondPaths[type.name] : paths[type.name];
    if (wanted !== undefined) indexes[type.code] = type.params.findIndex((param) => param.name === wanted);
  }
  return indexes;
}

const noBrackets: ArgumentParser<End> = Object.freeze({
  spec: Object.freeze({ requirement: 'optional', forms: ['key'] as const }),
  parse: (text: string | undefined): ParsedArgument<End> =>
    text === undefined
      ? { argument: 'first' }
      : { reason: 'it takes no brackets; `evt.abspath.src` and `evt.abspath.dst` name one of two paths' },
});

function endSuffix(suffix: string): ParsedArgument<End> {
  if (suffix === 'src') return { argument: 'source' };
  if (suffix === 'dst') return { argument: 'destination' };
  return { reason: `\`${suffix}\` is neither \`src\` nor \`dst\`` };
}

export const evtAbspathFields = defineFields('evt', {
  'evt.abspath': textField({
    doc: 'Path joined with its directory fd; with `.src` or `.dst` one of the two paths of a rename or link.',
    examples: ['/etc/shadow'],
    cost: 80,
    argument: noBrackets,
    suffix: endSuffix,
    bind: (end): Binding => {
      const indexes = indexesOf(end);
      return {
        read: (event) => {
          const index = indexes[event.view.code] ?? -1;
          return index < 0 ? undefined : resolvedPathOf(event, index);
        },
      };
    },
  }),
});
