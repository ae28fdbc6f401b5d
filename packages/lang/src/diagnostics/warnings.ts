/** Warnings: the rules load, but something in them is likely not what was meant. */

import { defineDiagnostic } from '@peregrine/base';

const warning = { severity: 'warning' } as const;

export const sourceUnknown = defineDiagnostic({
  ...warning,
  code: 'source-unknown',
  falcoCode: 'LOAD_UNKNOWN_SOURCE',
  doc: 'A rule is for a source that is not loaded; it is left out.',
  message: (name: string) => `unknown source \`${name}\`: the rule is left out`,
});

export const unsafeNaCheck = defineDiagnostic({
  ...warning,
  code: 'unsafe-na-check',
  falcoCode: 'LOAD_UNSAFE_NA_CHECK',
  doc: 'A field is compared with `<NA>`, which is how outputs show that a value is missing.',
  message: (field: string) => `\`${field}\` is compared with \`<NA>\``,
  hint: (field: string) => `write \`${field} exists\``,
});

export const noEventType = defineDiagnostic({
  ...warning,
  code: 'no-event-type',
  falcoCode: 'LOAD_NO_EVTTYPE',
  doc: 'A rule is evaluated for nearly every event, since its condition does not narrow `evt.type`.',
  message: () => 'the condition does not narrow `evt.type`: the rule is evaluated for nearly every event',
  hint: () => 'add `evt.type in (...) and`',
});

export const unknownFilter = defineDiagnostic({
  ...warning,
  code: 'unknown-filter',
  falcoCode: 'LOAD_UNKNOWN_FILTER',
  doc: 'A rule with `skip-if-unknown-filter` uses a field or event type that does not exist; it is left out.',
  message: (problem: string) => `${problem}: the rule is left out`,
});

export const macroUnused = defineDiagnostic({
  ...warning,
  code: 'macro-unused',
  falcoCode: 'LOAD_UNUSED_MACRO',
  doc: 'No rule and no other macro uses a macro.',
  message: (name: string) => `macro \`${name}\` is not used`,
});

export const listUnused = defineDiagnostic({
  ...warning,
  code: 'list-unused',
  falcoCode: 'LOAD_UNUSED_LIST',
  doc: 'No rule, macro or other list uses a list.',
  message: (name: string) => `list \`${name}\` is not used`,
});

export const itemUnknown = defineDiagnostic({
  ...warning,
  code: 'item-unknown',
  falcoCode: 'LOAD_UNKNOWN_ITEM',
  doc: 'An item is neither a list nor a macro nor a rule nor a version requirement; it is left out.',
  message: (_nearest?: string) => 'unknown kind of item: it is left out',
  hint: (nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const overrideNotAMapping = defineDiagnostic({
  ...warning,
  code: 'override-not-a-mapping',
  doc: 'The value of `override` is not a mapping; it is left out, as the reference does without a word.',
  message: () => '`override` must map keys to `append` or `replace`: it is left out',
});

export const keyUnknown = defineDiagnostic({
  ...warning,
  code: 'key-unknown',
  falcoCode: 'LOAD_UNKNOWN_KEY',
  doc: 'An item has a key that its kind does not have; it is left out.',
  message: (key: string, _nearest?: string) => `unknown key \`${key}\`: it is left out`,
  hint: (_key: string, nearest?: string) => nearest && `did you mean \`${nearest}\`?`,
});

export const appendDeprecated = defineDiagnostic({
  ...warning,
  code: 'append-deprecated',
  falcoCode: 'LOAD_DEPRECATED_ITEM',
  doc: 'An item uses `append: true`, which `override` supersedes.',
  message: () => '`append: true` is deprecated',
  hint: () => 'state what to append under `override`, as in `condition: append`',
});

export const enabledAloneDeprecated = defineDiagnostic({
  ...warning,
  code: 'enabled-alone-deprecated',
  falcoCode: 'LOAD_DEPRECATED_ITEM',
  doc: 'An item enables or disables a rule without saying so under `override`.',
  message: () => '`enabled` without `override` is deprecated',
  hint: () => 'add `enabled: replace` under `override`',
});

export const containerInfoDeprecated = defineDiagnostic({
  ...warning,
  code: 'container-info-deprecated',
  falcoCode: 'LOAD_DEPRECATED_ITEM',
  doc: 'An output has the placeholder `%container.info`, which no longer stands for anything; it is removed.',
  message: () => '`%container.info` is deprecated and is removed from the output',
});

export const fieldDeprecated = defineDiagnostic({
  ...warning,
  code: 'field-deprecated',
  falcoCode: 'LOAD_DEPRECATED_ITEM',
  doc: 'A field is deprecated: its value is always the same.',
  message: (name: string) => `field \`${name}\` is deprecated: its value is always the same`,
});

export const exceptionWithoutValues = defineDiagnostic({
  ...warning,
  code: 'exception-without-values',
  falcoCode: 'LOAD_APPEND_NO_VALUES',
  doc: 'An exception is appended to, but without values.',
  message: (name: string) => `nothing is appended to exception \`${name}\`: it has no \`values\``,
});

export const exceptionNameRepeated = defineDiagnostic({
  ...warning,
  code: 'exception-name-repeated',
  falcoCode: 'LOAD_EXCEPTION_NAME_NOT_UNIQUE',
  doc: 'A rule has several exceptions of the same name.',
  message: (name: string) => `the rule has another exception \`${name}\``,
});

export const macroNameInvalid = defineDiagnostic({
  ...warning,
  code: 'macro-name-invalid',
  falcoCode: 'LOAD_INVALID_MACRO_NAME',
  doc: 'A macro has a name that conditions cannot refer to.',
  message: (name: string) => `conditions cannot refer to a macro named \`${name}\``,
  hint: () => 'use letters, digits and underscores, a letter first',
});

export const listNameInvalid = defineDiagnostic({
  ...warning,
  code: 'list-name-invalid',
  falcoCode: 'LOAD_INVALID_LIST_NAME',
  doc: 'A list has a name with chars that separate words in conditions.',
  message: (name: string) => `\`${name}\` is not a good name for a list`,
  hint: () => 'leave out blanks, quotes, parentheses, commas and equals signs',
});

export const fieldAsConstant = defineDiagnostic({
  ...warning,
  code: 'field-as-constant',
  falcoCode: 'LOAD_COMPILE_CONDITION',
  doc: 'A constant is the name of a field: it is compared as text, not read as a field.',
  message: (name: string) => `\`${name}\` is compared as text, though a field has that name`,
  hint: (name: string) => `write \`val(${name})\` for the field's value`,
});

export const transformerAsConstant = defineDiagnostic({
  ...warning,
  code: 'transformer-as-constant',
  falcoCode: 'LOAD_COMPILE_CONDITION',
  doc: 'A constant looks like a call of a transformer: it is compared as text.',
  message: (text: string) => `\`${text}\` is compared as text, though it looks like a call`,
});

export const regexReplaceable = defineDiagnostic({
  ...warning,
  code: 'regex-replaceable',
  falcoCode: 'LOAD_COMPILE_CONDITION',
  doc: 'A regular expression does what a simpler and faster operator does.',
  message: (pattern: string, _instead: string) => `\`regex '${pattern}'\` can be simpler`,
  hint: (_pattern: string, instead: string) => `write \`${instead}\``,
});
