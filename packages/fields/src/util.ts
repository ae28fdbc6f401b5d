/** Fields for tests of rules. */

import { withoutArgument } from './argument.ts';
import { type Binding, defineFields, integerField } from './define-fields.ts';

export const utilFields = defineFields('util', {
  'util.cnt': integerField({
    doc: 'Counts from 0 how often this use of the field was read.',
    type: 'UINT64',
    format: 'id',
    isHidden: true,
    argument: withoutArgument,
    bind: (): Binding => {
      let count = 0;
      return { read: () => count++ };
    },
  }),
});
