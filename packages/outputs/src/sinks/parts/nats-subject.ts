/** Subjects of NATS that say which alert it is. */

import type { HubAlert } from '@peregrine/alert';
import { parsedText, type ValueSchema } from '@peregrine/base';

/** COMPAT: the subject that falcosidekick publishes on. */
const SUBJECT = 'falco.<priority>.<rule>';
/** For rules whose names have neither letter nor digit of ASCII: a part of a subject cannot be empty. */
const NAMELESS = '_';

export function subjectTemplate(): ValueSchema<string> {
  return parsedText(
    {
      doc: 'Subject to publish on; `<priority>` and `<rule>` stand for those of the alert.',
      type: 'subject',
      default: SUBJECT,
    },
    (text) => {
      const sample = text.replaceAll('<priority>', 'p').replaceAll('<rule>', 'r');
      if (/[\s*>]/.test(sample)) return { why: 'a subject has neither spaces nor wildcards' };
      return sample.split('.').includes('')
        ? { why: 'a subject has something between its dots' }
        : { value: text };
    },
  );
}

/** Letters and digits of the rule's name, in lower case, with `_` for everything between them. */
export function subjectOf(template: string, alert: HubAlert): string {
  const rule = alert.rule
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  return template.replace(/<priority>|<rule>/g, (name) =>
    name === '<priority>' ? alert.priority.toLowerCase() : rule || NAMELESS,
  );
}
