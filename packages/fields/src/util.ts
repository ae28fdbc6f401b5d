/** Fields for tests of rules. */

import { withoutArgument } from './argument.ts';
import { type Binding, defineFields, integerField } from './define-fields.ts';

/** COMPAT: an alert reads each field for the line, for the message and for the value (Falco 0.45); the last one shows. */
const READS_PER_ALERT = 3;

export const utilFields = defineFields('util', {
  'util.cnt': integerField({
    doc: 'Counts from 0 how often this use of the field was read.',
    type: 'UINT64',
    format: 'id',
    isHidden: true,
    argument: withoutArgument,
    bind: (): Binding => {
      let count = 0;
      return {
        read: () => count++,
        show: () => {
          count += READS_PER_ALERT;
          return count - 1;
        },
      };
    },
  }),
});
