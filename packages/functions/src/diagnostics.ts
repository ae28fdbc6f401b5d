/** What can be wrong with manifests of functions. */

import { defineDiagnostic } from '@peregrine/base';

export const unreadableManifest = defineDiagnostic({
  code: 'function-file-unreadable',
  doc: 'A file of functions cannot be read.',
  message: (file: string, why: string) => `cannot read \`${file}\`: ${why}`,
});

export const manifestSyntax = defineDiagnostic({
  code: 'function-yaml',
  doc: 'A manifest is no valid YAML.',
  message: (why: string) => `this is no valid YAML: ${why}`,
});

export const wrongVersion = defineDiagnostic({
  code: 'function-api-version',
  doc: 'A Function has an API version that is not known.',
  message: (found: string) => `\`apiVersion\` of a Function cannot be \`${found}\``,
  hint: () => 'it is `kubeless.io/v1beta1`',
});

export const badName = defineDiagnostic({
  code: 'function-name',
  doc: 'The name or namespace of a function cannot be part of a host name.',
  message: (path: string, found: string) => `\`${path}\` cannot be \`${found}\``,
  hint: () => 'it has at most 63 small letters, digits and `-`, none of these at its start or end',
});

export const badHandler = defineDiagnostic({
  code: 'function-handler',
  doc: 'The handler of a function does not name a file and a function in it.',
  message: (found: string) => `\`spec.handler\` cannot be \`${found}\``,
  hint: () => 'it names the file and the function in it, with a dot between: `delete-pod.delete_pod`',
});

export const badRuntime = defineDiagnostic({
  code: 'function-runtime',
  doc: 'A function is written for a runtime that does not exist here.',
  message: (found: string) => `there is no runtime \`${found}\``,
  hint: () => 'there is: python3 with any minor version, nodejs with any version, typescript',
});

export const badContentType = defineDiagnostic({
  code: 'function-content-type',
  doc: 'The text of a function is given in a form that is not taken.',
  message: (found: string) => `\`spec.function-content-type\` cannot be \`${found}\``,
  hint: (found) =>
    found.startsWith('url')
      ? 'nothing is downloaded: put the text into `spec.function`'
      : 'it can be text or base64: put the text of one file into `spec.function`',
});

export const badBase64 = defineDiagnostic({
  code: 'function-base64',
  doc: 'The text of a function is not what it is said to be: UTF-8 in base64.',
  message: () => '`spec.function` is no text in base64',
});

export const badQuantity = defineDiagnostic({
  code: 'function-quantity',
  doc: 'A limit of a function is no amount that can be used.',
  message: (path: string, found: string) => `\`${path}\` cannot be \`${found}\``,
  hint: (path) =>
    path.endsWith('timeout')
      ? 'it is a number of seconds, up to a day'
      : 'it is an amount of at least 16Mi: `256Mi`, `1G`',
});

export const valueFromElsewhere = defineDiagnostic({
  code: 'function-value-from',
  doc: 'A variable of a function takes its value from an object of the cluster, which is not asked.',
  message: (name: string) =>
    `the value of \`${name}\` comes from elsewhere in the cluster, which is not asked`,
  hint: (name) => `give it on the command line: \`--env ${name}=VALUE\``,
});

export const declaredTwice = defineDiagnostic({
  code: 'function-twice',
  doc: 'Two functions have the same name and namespace.',
  message: (fullName: string, other: string) => `\`${fullName}\` is there already, in \`${other}\``,
});

export const unknownEnding = defineDiagnostic({
  code: 'function-file-ending',
  doc: 'A file is neither a manifest nor a function in a known language.',
  message: (file: string) => `\`${file}\` is neither a manifest nor a function`,
  hint: () =>
    'manifests end with .yaml, .yml or .json, functions with .py, .js, .mjs, .cjs, .ts, .mts or .cts',
});

export const handlerMissing = defineDiagnostic({
  code: 'function-handler-missing',
  doc: 'A plain file of a function needs to be told which of its functions is called.',
  message: (file: string) => `it is not said which function of \`${file}\` is called`,
  hint: () => 'name the file and the function: `--handler delete-pod.delete_pod`',
});

export const functionDiagnostics = [
  unreadableManifest,
  manifestSyntax,
  wrongVersion,
  badName,
  badHandler,
  badRuntime,
  badContentType,
  badBase64,
  badQuantity,
  valueFromElsewhere,
  declaredTwice,
  unknownEnding,
  handlerMissing,
] as const;
