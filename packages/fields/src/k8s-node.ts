/** The node that this program runs on. */

import { toByteText } from '@peregrine/base';
import { absent, defineFields, type FieldClass, textField } from './define-fields.ts';

/** `nodeName`: UTF-16; `undefined` when nobody said. */
export function createK8sNodeFields(nodeName: string | undefined): FieldClass {
  const text = nodeName === undefined ? undefined : toByteText(nodeName);
  return defineFields('container', {
    'k8s.node.name': textField({
      doc: 'Name of the node, as the configuration has it; absent where it says nothing. An addition of this program.',
      examples: ['worker-3'],
      scope: 'constant',
      cost: 1,
      read: text === undefined ? absent : () => text,
    }),
  });
}
