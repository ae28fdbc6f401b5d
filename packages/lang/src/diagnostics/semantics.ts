/** Diagnostics of what items mean together: redefinition, appending, exceptions, versions, references. */

import { defineDiagnostic } from '@peregrine/base';

const semanticError = { falcoCode: 'LOAD_ERR_VALIDATE' } as const;

export const engineTooOld = defineDiagnostic({
  ...semanticError,
  code: 'engine-too-old',
  doc: 'The file needs another engine version.',
  message: (required: string, present: string) => `engine version ${required} is needed, this is ${present}`,
});

export const kernelResponseRefused = defineDiagnostic({
  ...semanticError,
  code: 'kernel-response-refused',
  doc: 'A rule asks for a response in the kernel, but its condition needs more than the kernel can tell.',
  message: (reason: string) => `\`kernel_response\` is not possible: ${reason}`,
  hint: () =>
    'the kernel can tell evt.type, success, how a file is opened, fd.name of opens, proc.exepath and user.uid',
});

export const pluginVersionUnmet = defineDiagnostic({
  ...semanticError,
  code: 'plugin-version-unmet',
  doc: 'No loaded plugin meets a version requirement.',
  message: (wanted: string, present: string | undefined) =>
    present === undefined
      ? `needs plugin ${wanted}, which is not loaded`
      : `needs plugin ${wanted}, but ${present} is loaded`,
});

export const pluginNamedTwice = defineDiagnostic({
  ...semanticError,
  code: 'plugin-named-twice',
  doc: 'A plugin requirement names the same plugin more than once.',
  message: (name: string) => `plugin \`${name}\` is named more than once in one requirement`,
});

export const appendWithoutTarget = defineDiagnostic({
  ...semanticError,
  code: 'append-without-target',
  doc: 'An item appends to one that is not defined before it.',
  message: (kind: string, name: string, _nearest?: string) =>
    `nothing to append to: no ${kind} \`${name}\` before this item`,
  hint: (_kind: string, _name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const replaceWithoutTarget = defineDiagnostic({
  ...semanticError,
  code: 'replace-without-target',
  doc: 'An item replaces parts of one that is not defined before it.',
  message: (kind: string, name: string, _nearest?: string) =>
    `nothing to replace: no ${kind} \`${name}\` before this item`,
  hint: (_kind: string, _name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const enableWithoutTarget = defineDiagnostic({
  ...semanticError,
  code: 'enable-without-target',
  doc: 'An item enables or disables a rule that is not defined before it.',
  message: (name: string, _nearest?: string) =>
    `nothing to enable or disable: no rule \`${name}\` before this item`,
  hint: (_name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const appendWithoutContent = defineDiagnostic({
  ...semanticError,
  code: 'append-without-content',
  doc: 'A rule with `append: true` has neither a condition nor exceptions.',
  message: () => 'a rule with `append: true` needs `condition` or `exceptions`',
});

export const sourceRedefined = defineDiagnostic({
  ...semanticError,
  code: 'source-redefined',
  doc: 'A rule is redefined with another source.',
  message: (name: string, source: string) =>
    `rule \`${name}\` is redefined with another source, \`${source}\``,
});

export const exceptionFieldsMissing = defineDiagnostic({
  ...semanticError,
  code: 'exception-fields-missing',
  doc: 'An exception has no fields.',
  message: () => 'an exception needs `fields`',
});

export const exceptionFieldsFixed = defineDiagnostic({
  ...semanticError,
  code: 'exception-fields-fixed',
  doc: 'Values are appended to an exception together with fields or comparison operators.',
  message: (key: string) =>
    `\`${key}\` of an existing exception cannot be changed by appending, only \`values\``,
});

export const exceptionLengths = defineDiagnostic({
  ...semanticError,
  code: 'exception-lengths',
  doc: 'An exception has not as many operators, or values in a tuple, as fields.',
  message: (what: string, found: number, wanted: number) => `${found} ${what} for ${wanted} fields`,
});

export const exceptionShapes = defineDiagnostic({
  ...semanticError,
  code: 'exception-shapes',
  doc: 'The fields, operators and values of an exception do not have the same shape.',
  message: (problem: string) => problem,
});

export const exceptionOperatorUnknown = defineDiagnostic({
  ...semanticError,
  code: 'exception-operator-unknown',
  doc: 'An exception uses an operator that does not exist.',
  message: (operator: string, _nearest?: string) => `unknown operator \`${operator}\``,
  hint: (_operator: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const exceptionOperatorNotForOne = defineDiagnostic({
  ...semanticError,
  code: 'exception-operator-not-for-one',
  doc: 'An exception with a single field uses an operator that does not take a list.',
  message: (operator: string) =>
    `\`${operator}\` does not take a list, which an exception with one field compares with`,
  hint: () => 'use `in`, `pmatch`, `intersects`, or an operator with a modifier, as in `startswith anyof`',
});

export const exceptionFieldUnknown = defineDiagnostic({
  ...semanticError,
  code: 'exception-field-unknown',
  doc: 'An exception names a field that conditions of its source cannot use.',
  message: (name: string, _nearest?: string) => `unknown field \`${name}\``,
  hint: (_name: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const macroUndefined = defineDiagnostic({
  ...semanticError,
  code: 'macro-undefined',
  doc: 'A condition uses a macro that is not defined, or a macro uses one that is defined after it.',
  message: (name: string, _hint?: string) => `undefined macro \`${name}\``,
  hint: (_name: string, hint?: string) => hint,
});

export const macroLoop = defineDiagnostic({
  ...semanticError,
  code: 'macro-loop',
  doc: 'A macro uses itself, by way of others perhaps.',
  message: (name: string) => `macro \`${name}\` uses itself`,
});

export const expansionTooLarge = defineDiagnostic({
  ...semanticError,
  code: 'expansion-too-large',
  doc: 'Lists or macros expand to more than is accepted.',
  message: (what: string, limit: number) => `${what} expands to more than ${limit}`,
});
