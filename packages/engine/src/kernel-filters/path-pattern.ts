/** What tests ask of a path, as patterns that an automaton can follow byte by byte. */

import { type CheckedTest, type Constant, plainFieldOf } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';

/** One byte; any byte; any bytes, or none; any bytes but slashes, or none. */
export type PatternStep = number | 'any' | 'any-run' | 'name-run';

export interface PathPattern {
  /** The path joined with its directory and normalised, or as the caller gave it with repeated slashes as one. */
  readonly subject: 'resolved' | 'given';
  readonly steps: readonly PatternStep[];
  /** For people: `/etc/*`. */
  readonly text: string;
}

const SLASH = '/';

/** Equal keys mean equal patterns. */
export function patternKey({ subject, steps }: PathPattern): string {
  return `${subject} ${steps.join()}`;
}

/**
 * Patterns of which one matches whatever path the test of an opening call holds for, in source order; `undefined` where
 * patterns cannot say.
 */
export function patternsOf(test: CheckedTest<EventContext>): readonly PathPattern[] | undefined {
  const field = plainFieldOf(test);
  if (field === undefined || test.right.kind !== 'constants') return undefined;
  const patterns = test.right.values.map((constant) => patternOf(field.text, test.operator, constant));
  const known = patterns.filter((pattern) => pattern !== undefined);
  // A modifier asks for one of the constants at least.
  return known.length === patterns.length ? known.flat() : undefined;
}

function patternOf(field: string, operator: string, constant: Constant): Pattern {
  if (constant.kind !== 'scalar' || typeof constant.value !== 'string') return undefined;
  const text = constant.value;
  switch (field) {
    case 'fd.name':
    case 'fs.path.name':
      return wholePath('resolved', operator, text);
    case 'fd.nameraw':
    case 'fs.path.nameraw':
      return wholePath('given', operator, text);
    case 'fd.directory':
      return directory(operator, text);
    case 'fd.filename':
      return filename(operator, text);
    default:
      return undefined;
  }
}

type Pattern = readonly PathPattern[] | undefined;

function wholePath(subject: PathPattern['subject'], operator: string, text: string): Pattern {
  const bytes = bytesOf(text);
  switch (operator) {
    case '=':
    case 'in':
      return [pattern(subject, bytes)];
    case 'startswith':
      return [pattern(subject, [...bytes, 'any-run'])];
    case 'endswith':
      return [pattern(subject, ['any-run', ...bytes])];
    case 'contains':
      return [pattern(subject, ['any-run', ...bytes, 'any-run'])];
    case 'glob':
      return /[[\]\\{}]/.test(text) ? undefined : [pattern(subject, globSteps(text))];
    default:
      return undefined;
  }
}

/** COMPAT: the directory of a directory is itself; of a name without a slash it is `/`. */
function directory(operator: string, text: string): Pattern {
  const bytes = bytesOf(text);
  const ofBareName = text === SLASH ? [pattern('resolved', ['name-run'])] : [];
  switch (operator) {
    case '=':
    case 'in': {
      const inside = text.endsWith(SLASH) ? bytes : [...bytes, ...bytesOf(SLASH)];
      return [pattern('resolved', bytes), pattern('resolved', [...inside, 'name-run']), ...ofBareName];
    }
    case 'startswith':
      return [pattern('resolved', [...bytes, 'any-run']), ...ofBareName];
    default:
      return undefined;
  }
}

/** Of a name without a slash it is all of it. */
function filename(operator: string, text: string): Pattern {
  const bytes = bytesOf(text);
  const last: readonly PatternStep[] = ['any-run', ...bytesOf(SLASH), ...bytes];
  switch (operator) {
    case '=':
    case 'in':
      return [pattern('resolved', last), pattern('resolved', bytes)];
    case 'startswith':
      return [pattern('resolved', [...last, 'any-run']), pattern('resolved', [...bytes, 'any-run'])];
    case 'contains':
      return [pattern('resolved', ['any-run', ...bytes, 'any-run'])];
    case 'endswith':
      return [pattern('resolved', ['any-run', ...bytes])];
    default:
      return undefined;
  }
}

/** Byte text: a character is a byte. */
function bytesOf(text: string): readonly number[] {
  return Array.from(text, (sign) => sign.charCodeAt(0));
}

function globSteps(text: string): readonly PatternStep[] {
  return Array.from(text, (sign) => (sign === '*' ? 'any-run' : sign === '?' ? 'any' : sign.charCodeAt(0)));
}

const signs = { any: '?', 'any-run': '*', 'name-run': '<name>' } as const;

function pattern(subject: PathPattern['subject'], steps: readonly PatternStep[]): PathPattern {
  const text = steps
    .map((step) => (typeof step === 'number' ? String.fromCharCode(step) : signs[step]))
    .join('');
  return { subject, steps, text };
}
