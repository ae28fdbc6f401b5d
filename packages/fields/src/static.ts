/** Fields with fixed texts that the configuration names: `static.NAME`, in every source. */

import { toByteText } from '@peregrine/base';
import { defineFields, type FieldClass, type FieldDeclaration, textField } from './define-fields.ts';

/** `values`: text by name, UTF-16. */
export function createStaticFields(values: Readonly<Record<string, string>>): FieldClass {
  const fields: Record<string, FieldDeclaration> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = toByteText(value);
    fields[`static.${name}`] = textField({
      doc: `Fixed text from the configuration: \`${name}\`.`,
      examples: [value],
      scope: 'constant',
      cost: 1,
      isSuggested: true,
      read: () => text,
    });
  }
  return defineFields('static', fields);
}
