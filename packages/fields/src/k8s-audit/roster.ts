/** All fields of Kubernetes audit events. */

import { toByteText } from '@peregrine/base';
import { type AuditEvent, atPointer, textOf } from './audit-event.ts';
import type { AuditField } from './audit-field.ts';
import { objectFields } from './object-fields.ts';
import { podFields } from './pod-fields.ts';
import { requestFields } from './request-fields.ts';

/** Fields of the JSON document itself: any object has them, audit event or not. */
function jsonFields(prefix: 'json' | 'jevt'): Readonly<Record<string, AuditField>> {
  const field = (
    doc: string,
    read: (event: AuditEvent, pointer: string) => string | undefined,
    argument: AuditField['argument'] = 'none',
    examples: readonly string[] = [],
  ): AuditField => ({
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

export const auditFieldRoster: Readonly<Record<string, AuditField>> = {
  ...requestFields,
  ...objectFields,
  ...podFields,
  ...jsonFields('json'),
  ...jsonFields('jevt'),
};
