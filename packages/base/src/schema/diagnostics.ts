/** What can be wrong with a configuration tree. */

import { defineDiagnostic } from '../diagnostic.ts';

export const unknownKey = defineDiagnostic({
  code: 'unknown-key',
  doc: 'A configuration file has a key that means nothing here.',
  message: (path: string, _nearest?: string) => `unknown key \`${path}\``,
  hint: (_path, nearest) => nearest !== undefined && `did you mean \`${nearest}\`?`,
});

export const wrongType = defineDiagnostic({
  code: 'wrong-type',
  doc: 'The value of a configuration key is of another type than the key takes.',
  message: (path: string, wanted: string, found: string) => `\`${path}\` takes ${wanted}, not ${found}`,
});

export const outOfRange = defineDiagnostic({
  code: 'out-of-range',
  doc: 'A number in the configuration is too small or too large.',
  message: (path: string, found: string, range: string) =>
    `\`${path}\` is \`${found}\`, but must be ${range}`,
});

export const notAChoice = defineDiagnostic({
  code: 'not-a-choice',
  doc: 'The value of a configuration key is none of those that the key knows.',
  message: (path: string, found: string, _choices: readonly string[], _nearest?: string) =>
    `\`${path}\` cannot be \`${found}\``,
  hint: (_path, _found, choices, nearest) =>
    nearest === undefined ? `it can be ${choices.join(', ')}` : `did you mean \`${nearest}\`?`,
});

export const missingKey = defineDiagnostic({
  code: 'missing-key',
  doc: 'A configuration key that has no default is not set.',
  message: (path: string) => `\`${path}\` is not set`,
});

export const badUrl = defineDiagnostic({
  code: 'bad-url',
  doc: 'A configuration key needs an address that starts with http:// or https://.',
  message: (path: string, found: string) =>
    `\`${path}\` is \`${found}\`, which is not an http or https address`,
});

export const badValue = defineDiagnostic({
  code: 'bad-value',
  doc: 'The value of a configuration key has a form of its own, which it does not keep to.',
  message: (path: string, found: string, why: string) => `\`${path}\` is \`${found}\`: ${why}`,
});

export const schemaDiagnostics = [
  unknownKey,
  wrongType,
  outOfRange,
  notAChoice,
  missingKey,
  badUrl,
  badValue,
] as const;
