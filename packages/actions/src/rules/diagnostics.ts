/** What can be wrong with rules of responses, beside what schemas say. */

import { defineDiagnostic } from '@peregrine/base';

export const notAList = defineDiagnostic({
  code: 'response-not-a-list',
  doc: 'A file of response rules is something else than a list of actions and rules.',
  message: (found: string) => `a list of actions and rules is wanted, and this is ${found}`,
  hint: () => 'begin each with `- action:` or `- rule:`',
});

export const neitherActionNorRule = defineDiagnostic({
  code: 'response-neither-action-nor-rule',
  doc: 'An item of a file of response rules is neither an action nor a rule.',
  message: () => 'this is neither an action nor a rule',
  hint: () =>
    'give it a name: `- action: NAME` with `actionner`, or `- rule: NAME` with `match` and `actions`',
});

export const noActions = defineDiagnostic({
  code: 'response-no-actions',
  doc: 'A response rule has no action, so that nothing would ever be done.',
  message: (rule: string) => `\`${rule}\` has no action`,
  hint: () => 'name one: `do: kubernetes:terminate`, or a list of `actions`',
});

export const noActionner = defineDiagnostic({
  code: 'response-no-actionner',
  doc: 'An action of a response rule does not say what it does.',
  message: (name: string) =>
    name === '' ? 'this action has no `actionner`' : `the action \`${name}\` has no \`actionner\``,
  hint: (name) =>
    name !== '' &&
    'there is no shared action of that name either: write `- action:` before the rule, or an `actionner`',
});

export const unnamedAction = defineDiagnostic({
  code: 'response-unnamed-action',
  doc: 'A shared action has no name, so that no rule can use it.',
  message: () => 'this action has no name',
});

export const noSuchActionner = defineDiagnostic({
  code: 'response-no-such-actionner',
  doc: 'An action is of a kind that there is not.',
  message: (name: string, _nearest: string | undefined) => `there is no actionner \`${name}\``,
  hint: (_name, nearest) =>
    nearest === undefined ? '`peregrine response list` names them all' : `did you mean \`${nearest}\`?`,
});

export const badParameters = defineDiagnostic({
  code: 'response-bad-parameters',
  doc: 'Parameters of an action, or of the place where its file goes, do not go together.',
  message: (of: string, key: string, why: string) => `\`${key}\` of \`${of}\` ${why}`,
});

export const noOutput = defineDiagnostic({
  code: 'response-no-output',
  doc: 'An action gives a file, and the rule does not say where to.',
  message: (actionner: string) => `\`${actionner}\` gives a file, and there is no \`output\` to put it`,
  hint: () => 'add `output: {target: local:file, parameters: {destination: /var/lib/captures}}`',
});

export const uselessOutput = defineDiagnostic({
  code: 'response-useless-output',
  severity: 'warning',
  doc: 'An action that gives no file has a place to put one.',
  message: (actionner: string) => `\`${actionner}\` gives no file: \`output\` does nothing`,
});

export const noSuchStore = defineDiagnostic({
  code: 'response-no-such-store',
  doc: 'The file of an action is to go to a kind of place that there is not.',
  message: (name: string, _nearest: string | undefined) => `there is no output target \`${name}\``,
  hint: (_name, nearest) => nearest !== undefined && `did you mean \`${nearest}\`?`,
});

export const badMatch = defineDiagnostic({
  code: 'response-bad-match',
  doc: 'A part of what a response rule matches cannot be read.',
  message: (key: string, found: string, why: string) => `\`${key}\` has \`${found}\`: ${why}`,
});

export const badWhen = defineDiagnostic({
  code: 'response-bad-when',
  doc: 'The condition of a response rule, or of one of its actions, cannot be used.',
  message: (why: string) => `\`when\`: ${why}`,
});

export const noSuchStep = defineDiagnostic({
  code: 'response-no-such-step',
  severity: 'warning',
  doc: 'The condition of an action speaks of an action that does not come before it, and never holds.',
  message: (name: string) => `\`when\` speaks of \`steps.${name}\`, and no action of that name comes before`,
  hint: () => 'names are in lower case there, with `_` for everything but letters and digits',
});

export const otherShape = defineDiagnostic({
  code: 'response-other-shape',
  severity: 'warning',
  doc: 'Two parts of an action or a rule that are put together have different shapes; the later one is left out.',
  message: (key: string, first: string, later: string) =>
    `\`${key}\` was ${first} before, and is ${later} here: this is left out`,
});

export const cannotUndo = defineDiagnostic({
  code: 'response-cannot-undo',
  doc: 'An action is to be taken back after a time, and cannot be.',
  message: (actionner: string) => `\`${actionner}\` cannot be taken back: \`undo_after\` would do nothing`,
});

export const matchesEverything = defineDiagnostic({
  code: 'response-matches-everything',
  severity: 'warning',
  doc: 'A response rule has neither `match` nor `when`, so that it acts on every alert.',
  message: (rule: string) => `\`${rule}\` has neither \`match\` nor \`when\`, and acts on every alert`,
});

/** All of them, for documentation. */
export const responseDiagnostics = [
  notAList,
  neitherActionNorRule,
  noActions,
  noActionner,
  unnamedAction,
  noSuchActionner,
  badParameters,
  noOutput,
  uselessOutput,
  noSuchStore,
  badMatch,
  badWhen,
  noSuchStep,
  otherShape,
  cannotUndo,
  matchesEverything,
] as const;
