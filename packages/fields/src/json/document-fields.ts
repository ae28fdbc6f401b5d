/** Fields of the JSON document itself: events of every such source have them, under two names. */

import { toByteText } from '@peregrine/base';
import { atPointer, type JsonEvent, textOf } from './json-event.ts';
import type { JsonField } from './json-field.ts';

function fieldsOf(prefix: 'json' | 'jevt'): Readonly<Record<string, JsonField>> {
  const field = (
    doc: string,
    read: (event: JsonEvent, pointer: string) => string | undefined,
    argument: JsonField['argument'] = 'none',
    examples: readonly string[] = [],
  ): JsonField => ({
    doc,
    isList: false,
    argument,
    isDeprecated: false,
    examples,
    read: (event, pointer) => read(event, pointer ?? ''),
  });
  return {
    [`${prefix}.value`]: field(
      'Value at a JSON pointer: text as it is, anything else as compact JSON.',
      (event, pointer) => textOf(atPointer(event.object, pointer)),
      'key',
      ['/user/username'],
    ),
    [`${prefix}.obj`]: field('The whole event, indented by two blanks.', (event) =>
      toByteText(JSON.stringify(event.object, null, 2)),
    ),
    [`${prefix}.rawtime`]: field('Time of the event in nanoseconds since the epoch.', (event) =>
      String(event.timeNs),
    ),
  };
}

export const documentFields: Readonly<Record<string, JsonField>> = {
  ...fieldsOf('json'),
  ...fieldsOf('jevt'),
};
