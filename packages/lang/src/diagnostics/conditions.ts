/** Diagnostics of conditions and outputs. */

import { defineDiagnostic } from '@peregrine/base';

const conditionError = { falcoCode: 'LOAD_ERR_COMPILE_CONDITION' } as const;
const outputError = { falcoCode: 'LOAD_ERR_COMPILE_OUTPUT' } as const;

export const conditionSyntax = defineDiagnostic({
  ...conditionError,
  code: 'condition-syntax',
  doc: 'A condition does not follow the grammar.',
  message: (problem: string, _hint?: string) => problem,
  hint: (_problem: string, hint?: string) => hint,
});

export const fieldUnknown = defineDiagnostic({
  ...conditionError,
  code: 'field-unknown',
  doc: 'A condition names a field that its source does not have.',
  message: (name: string, _nearest?: string) => `unknown field \`${name}\``,
  hint: (_name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const fieldArgument = defineDiagnostic({
  ...conditionError,
  code: 'field-argument',
  doc: 'A field has an argument that it does not take, or lacks one that it needs.',
  message: (name: string, reason: string) => `field \`${name}\`: ${reason}`,
});

export const operatorNotForField = defineDiagnostic({
  ...conditionError,
  code: 'operator-not-for-field',
  doc: "An operator does not apply to values of the field's type.",
  message: (operator: string, field: string, what: string, _usable?: string) =>
    `\`${operator}\` does not apply to \`${field}\`, ${what}`,
  hint: (_operator: string, _field: string, _what: string, usable?: string) =>
    usable && `operators that apply: ${usable}`,
});

export const constantInvalid = defineDiagnostic({
  ...conditionError,
  code: 'constant-invalid',
  doc: "A constant cannot be read as a value of the field's type.",
  message: (text: string, wanted: string, _hint?: string) => `\`${text}\` is not ${wanted}`,
  hint: (_text: string, _wanted: string, hint?: string) => hint,
});

export const eventTypeUnknown = defineDiagnostic({
  ...conditionError,
  code: 'event-type-unknown',
  doc: 'A condition compares the event type with a name that no event has.',
  message: (name: string, _nearest?: string) => `unknown event type \`${name}\``,
  hint: (_name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const rightSideInvalid = defineDiagnostic({
  ...conditionError,
  code: 'right-side-invalid',
  doc: 'A field stands right of an operator where it cannot.',
  message: (problem: string) => problem,
});

export const transformerInvalid = defineDiagnostic({
  ...conditionError,
  code: 'transformer-invalid',
  doc: 'A transformer is applied to what it does not take.',
  message: (problem: string) => problem,
});

export const outputInvalid = defineDiagnostic({
  ...outputError,
  code: 'output-invalid',
  doc: 'An output, or an extra field, has a format that cannot be read.',
  message: (problem: string, _hint?: string) => problem,
  hint: (_problem: string, hint?: string) => hint,
});

export const outputFieldUnknown = defineDiagnostic({
  ...outputError,
  code: 'output-field-unknown',
  doc: "An output, or an extra field, names a field that the rule's source does not have.",
  message: (name: string, _nearest?: string) => `unknown field \`${name}\` in the output`,
  hint: (_name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});
