/** Fields of the JSON document itself: events of every such source have them, under two names. */

import { toByteText } from '@peregrine/base';
import { pointerPath, renderJsonText } from '@peregrine/events';
import type { JsonField } from './json-field.ts';

const INDENT = 2;

function fieldsOf(prefix: 'json' | 'jevt'): Readonly<Record<string, JsonField>> {
  const field = (
    doc: string,
    bind: JsonField['bind'],
    argument: JsonField['argument'] = 'none',
    examples: readonly string[] = [],
  ): JsonField => ({ doc, isList: false, argument, isDeprecated: false, examples, bind });
  return {
    [`${prefix}.value`]: field(
      'Value at a JSON pointer: text as it is, anything else as compact JSON.',
      (reader, pointer = '') => {
        const slot = reader.slot(pointerPath(pointer));
        return (event) => reader.text(event.document, slot);
      },
      'key',
      ['/user/username'],
    ),
    [`${prefix}.obj`]: field(
      'The whole event, indented by two blanks.',
      () =>
        ({ document }) =>
          toByteText(renderJsonText(document.source(), INDENT)),
    ),
    [`${prefix}.rawtime`]: field(
      'Time of the event in nanoseconds since the epoch.',
      () =>
        ({ timeNs }) =>
          String(timeNs),
    ),
  };
}

export const documentFields: Readonly<Record<string, JsonField>> = {
  ...fieldsOf('json'),
  ...fieldsOf('jevt'),
};
