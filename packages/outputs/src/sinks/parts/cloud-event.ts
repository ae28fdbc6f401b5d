/** An alert's attributes as a CloudEvent whose data is the body of a request (binary mode). */

import type { HubAlert } from '@peregrine/alert';
import { shortened } from './chat.ts';

/** UTF-16 units: servers take a few KB of headers. */
const MOST_ATTRIBUTE = 512;

/** `ce-` headers, extensions last. */
export function cloudEventHeaders(
  alert: HubAlert,
  extensions: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const attributes = {
    specversion: '1.0',
    id: alert.uuid,
    source: 'https://falco.org',
    type: 'falco.rule.output.v1',
    time: alert.time,
    priority: alert.priority,
    rule: shortened(alert.rule, MOST_ATTRIBUTE),
    eventsource: shortened(alert.source, MOST_ATTRIBUTE),
    ...(alert.hostname === '' ? {} : { hostname: shortened(alert.hostname, MOST_ATTRIBUTE) }),
    ...extensions,
  };
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name.toLowerCase()}`, headerText(value)]),
  );
}

/**
 * As the binding for HTTP has it: what is not printable ASCII, quotes and percent signs are percent-encoded. COMPAT: blanks
 * are not, unless they would be lost: receivers that compare a rule's name, such as triggers of Knative, do not decode it.
 */
function headerText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^ -~]|["%]|^ | $/gu, (char) =>
      [...Buffer.from(char, 'utf8')]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    );
}
