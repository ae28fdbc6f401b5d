/** What can be wrong with a configuration, beyond what its schema says. */

import { defineDiagnostic } from '@peregrine/base';

export const yamlError = defineDiagnostic({
  code: 'config-yaml',
  doc: 'A configuration file is no YAML.',
  message: (what: string) => `not YAML: ${what}`,
});

export const unreadable = defineDiagnostic({
  code: 'config-unreadable',
  doc: 'A configuration file cannot be read.',
  message: (file: string, why: string) => `cannot read configuration file \`${file}\`: ${why}`,
});

export const notAMap = defineDiagnostic({
  code: 'config-not-a-map',
  doc: 'A configuration file is a list or a single value instead of a map of keys.',
  message: (file: string) => `configuration file \`${file}\` is not a map of keys`,
});

export const nestedConfigFiles = defineDiagnostic({
  code: 'config-nested',
  doc: 'A file that `config_files` names has a key `config_files` itself.',
  message: (file: string) => `\`${file}\` is included and cannot include files itself`,
  hint: () => 'list all files in the main configuration file',
});

export const includesItself = defineDiagnostic({
  code: 'config-includes-itself',
  doc: '`config_files` names the main configuration file.',
  message: (file: string) => `\`config_files\` names the main configuration file \`${file}\``,
});

export const badOverride = defineDiagnostic({
  code: 'config-bad-override',
  doc: 'An override given with `-o` is not of the form key=value.',
  message: (override: string, why: string) => `cannot use \`-o ${override}\`: ${why}`,
  hint: () => 'write `-o key=value`, for example `-o json_output=true` or `-o rules[].disable.tag=network`',
});

export const badRulesEntry = defineDiagnostic({
  code: 'config-rules-entry',
  doc: 'An entry of `rules` says nothing.',
  message: (path: string) => `\`${path}\` enables and disables nothing`,
  hint: () => 'write `enable` or `disable`, and below it `rule` or `tag`',
});

export const bothRulesKeys = defineDiagnostic({
  code: 'config-both-rules-keys',
  doc: 'Both `rules_files` and the older `rules_file` are set.',
  message: () => 'both `rules_files` and `rules_file` are set',
  hint: () => 'move all paths to `rules_files`',
});

export const badExtraFields = defineDiagnostic({
  code: 'config-extra-fields',
  doc: 'An entry of `extra_fields` is neither a field nor one name with a format, or a name comes twice.',
  message: (path: string, why: string) => `\`${path}\`: ${why}`,
});

export const cannotWork = defineDiagnostic({
  code: 'config-cannot-work',
  doc: 'Keys of the configuration do not fit together.',
  message: (why: string) => why,
});

export const noRulesFile = defineDiagnostic({
  code: 'rules-file-missing',
  doc: 'A rules file that was asked for is not there or cannot be read.',
  message: (path: string, why: string) => `cannot read rules file \`${path}\`: ${why}`,
});

export const configDiagnostics = [
  yamlError,
  unreadable,
  notAMap,
  nestedConfigFiles,
  includesItself,
  badOverride,
  badRulesEntry,
  bothRulesKeys,
  badExtraFields,
  cannotWork,
  noRulesFile,
] as const;

export const unknownPlugin = defineDiagnostic({
  code: 'config-unknown-plugin',
  severity: 'warning',
  doc: 'A plugin is loaded that this program has no part for: libraries of the reference cannot be loaded.',
  message: (name: string, path: string, _nearest: string | undefined) =>
    `plugin \`${name}\` is not loaded${path === '' ? '' : `: \`${path}\` is a library for the reference`}; rules that use its events or fields are not run`,
  hint: (_name: string, _path: string, nearest: string | undefined) =>
    nearest === undefined
      ? 'a plugin may be a JavaScript or TypeScript module: `docs/guides/writing-plugins.md`'
      : `did you mean \`${nearest}\`?`,
});

export const badPlugin = defineDiagnostic({
  code: 'config-bad-plugin',
  doc: 'The module that `library_path` of a plugin names cannot be used.',
  message: (name: string, path: string, why: string) =>
    `plugin \`${name}\` cannot be loaded from \`${path}\`: ${why}`,
});
