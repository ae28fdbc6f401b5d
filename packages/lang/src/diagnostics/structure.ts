/** Diagnostics of a rules file's shape: YAML, items, keys and the types of values. */

import { defineDiagnostic } from '@peregrine/base';

const yamlError = { falcoCode: 'LOAD_ERR_YAML_PARSE' } as const;
const shapeError = { falcoCode: 'LOAD_ERR_YAML_VALIDATE' } as const;

export const fileTooLarge = defineDiagnostic({
  code: 'file-too-large',
  falcoCode: 'LOAD_ERR_FILE_READ',
  doc: 'A rules file exceeds the size that is read.',
  message: (sizeBytes: number, limitBytes: number) =>
    `the file has ${sizeBytes} bytes, more than the ${limitBytes} that are read`,
  hint: () => 'split the file',
});

export const yamlSyntax = defineDiagnostic({
  ...yamlError,
  code: 'yaml-syntax',
  doc: 'The file is not valid YAML.',
  message: (problem: string) => `not valid YAML: ${problem}`,
});

export const yamlTooLarge = defineDiagnostic({
  ...yamlError,
  code: 'yaml-too-large',
  doc: 'The YAML nests too deeply, or its aliases expand to too much.',
  message: () => 'the YAML nests too deeply or its aliases expand to too much',
});

export const notASequenceOfItems = defineDiagnostic({
  ...shapeError,
  code: 'not-a-sequence-of-items',
  doc: 'A rules document is not a sequence of items.',
  message: () => 'a rules document must be a sequence of items',
  hint: () => 'begin each list, macro and rule with `- `',
});

export const itemNotAMapping = defineDiagnostic({
  ...shapeError,
  code: 'item-not-a-mapping',
  doc: 'An entry of a rules document is not a mapping.',
  message: () => 'an item must be a mapping of keys to values',
});

export const keyMissing = defineDiagnostic({
  ...shapeError,
  code: 'key-missing',
  doc: 'An item lacks a key that it must have.',
  message: (key: string) => `the key \`${key}\` is missing`,
});

export const valueNull = defineDiagnostic({
  ...shapeError,
  code: 'value-null',
  doc: 'A key that needs a value has none.',
  message: (key: string) => `the key \`${key}\` has no value`,
});

export const valueEmpty = defineDiagnostic({
  ...shapeError,
  code: 'value-empty',
  doc: 'A value is the empty text where some text is needed.',
  message: (key: string) => `the value of \`${key}\` is empty`,
});

export const valueNotScalar = defineDiagnostic({
  ...shapeError,
  code: 'value-not-scalar',
  doc: 'A sequence or a mapping stands where a single value is needed.',
  message: (key: string) => `the value of \`${key}\` must be a single value`,
});

export const valueNotSequence = defineDiagnostic({
  ...shapeError,
  code: 'value-not-sequence',
  doc: 'A single value or a mapping stands where a sequence is needed.',
  message: (key: string) => `the value of \`${key}\` must be a sequence`,
  hint: (key: string) => `write \`${key}: [...]\``,
});

export const valueUndecodable = defineDiagnostic({
  ...shapeError,
  code: 'value-undecodable',
  doc: 'A value is not of the type that its key takes.',
  message: (key: string, value: string, wanted: string) =>
    `\`${value}\` is not ${wanted}, which \`${key}\` takes`,
});

export const kernelResponseUnknown = defineDiagnostic({
  ...shapeError,
  code: 'kernel-response-unknown',
  doc: 'A rule asks the kernel for a response that does not exist.',
  message: (name: string) => `unknown kernel response \`${name}\``,
  hint: () => 'the kernel can `kill` a process, nothing else',
});

export const priorityUnknown = defineDiagnostic({
  ...shapeError,
  code: 'priority-unknown',
  doc: 'A rule has a priority that does not exist.',
  message: (name: string, _nearest?: string) => `unknown priority \`${name}\``,
  hint: (_name: string, nearest?: string) =>
    nearest === undefined
      ? 'priorities are emergency, alert, critical, error, warning, notice, informational and debug'
      : `did you mean \`${nearest}\`?`,
});

export const overrideOperationUnknown = defineDiagnostic({
  ...shapeError,
  code: 'override-operation-unknown',
  doc: 'An override is neither `append` nor `replace`.',
  message: (key: string, operation: string) => `unknown override \`${operation}\` for \`${key}\``,
  hint: () => 'overrides are `append` and `replace`',
});

export const overrideNotAllowed = defineDiagnostic({
  ...shapeError,
  code: 'override-not-allowed',
  doc: 'A key cannot be overridden in this way.',
  message: (key: string, operation: string, _other?: string) =>
    `\`${operation}\` is not possible for \`${key}\``,
  hint: (_key: string, _operation: string, other?: string) => other && `use \`${other}\``,
});

export const overrideWithoutValue = defineDiagnostic({
  ...shapeError,
  code: 'override-without-value',
  doc: 'An override is stated for a key that the item does not define.',
  message: (key: string, operation: string) =>
    `\`${key}\` is to be overridden by \`${operation}\` but is not defined`,
});

export const valueWithoutOverride = defineDiagnostic({
  ...shapeError,
  code: 'value-without-override',
  doc: 'An item with `override` defines a key that `override` does not mention.',
  message: (key: string) => `\`${key}\` is defined but has no entry under \`override\``,
  hint: (key: string) => `add \`${key}: replace\` or \`${key}: append\` under \`override\``,
});

export const overrideWithAppend = defineDiagnostic({
  ...shapeError,
  code: 'override-with-append',
  doc: 'An item has both `override` and `append: true`.',
  message: () => '`override` and `append: true` exclude each other',
  hint: () => 'state what to append under `override`',
});

export const exceptionsNotASequence = defineDiagnostic({
  ...shapeError,
  code: 'exceptions-not-a-sequence',
  doc: 'The value of `exceptions` is not a sequence.',
  message: () => '`exceptions` must be a sequence of exceptions',
});

export const exceptionNotAMapping = defineDiagnostic({
  ...shapeError,
  code: 'exception-not-a-mapping',
  doc: 'An exception is not a mapping.',
  message: () => 'an exception must be a mapping',
});

export const exceptionValuesNotASequence = defineDiagnostic({
  ...shapeError,
  code: 'exception-values-not-a-sequence',
  doc: "The value of an exception's `values` is not a sequence.",
  message: () => '`values` of an exception must be a sequence',
});

export const engineVersionUnreadable = defineDiagnostic({
  ...shapeError,
  code: 'engine-version-unreadable',
  doc: 'A required engine version is neither a number nor of the form x.y.z.',
  message: (version: string) => `\`${version}\` is not a version`,
  hint: () => 'write a number, or three numbers as in `0.63.0`',
});

export const pluginVersionsNotASequence = defineDiagnostic({
  ...shapeError,
  code: 'plugin-versions-not-a-sequence',
  doc: 'Required plugin versions, or the alternatives to one, are not a sequence.',
  message: (key: string) => `the value of \`${key}\` must be a sequence`,
});
