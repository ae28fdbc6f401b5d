/**
 * Texts of rules for shells in containers. INVARIANT: what an alert says never becomes a part of such a text: it is handed
 * over in the environment, as an argument of `env`, where a shell takes it for a value and nothing else.
 */

import type { ParameterRefusal } from '../action.ts';

/** Longest text of a rule, and longest value, UTF-16 units: all of it goes through an address. */
const MOST_TEXT = 64 * 1024;
const MOST_VALUE = 8 * 1024;
const MOST_VALUES = 64 * 1024;

/** Names that would change what programs do, whatever fields an alert has. */
const kept = new Set([
  ...['PATH', 'HOME', 'IFS', 'ENV', 'SHELL', 'SHELLOPTS', 'PWD', 'OLDPWD', 'CDPATH', 'PS1', 'PS2', 'PS4'],
  ...['USER', 'LOGNAME', 'TERM', 'LANG', 'TMPDIR', 'OPTIND', 'PERL5LIB', 'PYTHONPATH', 'NODE_OPTIONS'],
]);
const keptPrefixes = ['LD_', 'BASH_', 'LC_', 'DYLD_', 'GCONV_', 'MALLOC_', 'GLIBC_'];

export interface ShellText {
  /** As the rule gives it: `/bin/sh`. */
  readonly shell: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Of the text, for what the shell says of itself. */
  readonly name?: string;
}

/** A program and its arguments: `env K8S_POD_NAME=alpine /bin/sh -c TEXT`. Only variables that the text names are handed over. */
export function shellCommand({ shell, text, variables, name }: ShellText): readonly string[] {
  const handed = namedIn(text, variables);
  const run = [shell, '-c', text, ...(name === undefined ? [] : [name])];
  return handed.length === 0 ? run : ['env', ...handed.map(([key, value]) => `${key}=${value}`), ...run];
}

/** Variables that the text names, as `$NAME` or `${NAME}`, of those that may be set. */
export function namedIn(
  text: string,
  variables: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const names = new Set([...text.matchAll(/\$\{?#?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => name));
  let size = 0;
  const found: [string, string][] = [];
  for (const name of names) {
    if (!Object.hasOwn(variables, name) || isKept(name)) continue;
    const value = (variables[name] ?? '').replaceAll('\0', '').slice(0, MOST_VALUE);
    size += value.length;
    if (size <= MOST_VALUES) found.push([name, value]);
  }
  return found;
}

function isKept(name: string): boolean {
  return kept.has(name) || keptPrefixes.some((prefix) => name.startsWith(prefix));
}

/**
 * `${NAME}` in a text that no shell reads, such as a path, replaced; the value stands there as it is. `missing`: the alert
 * has no such variable.
 */
export function expandVariables(
  text: string,
  variables: Readonly<Record<string, string>>,
): { readonly kind: 'text'; readonly text: string } | { readonly kind: 'missing'; readonly name: string } {
  let missing: string | undefined;
  const expanded = text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    if (!Object.hasOwn(variables, name)) missing ??= name;
    return variables[name] ?? '';
  });
  return missing === undefined ? { kind: 'text', text: expanded } : { kind: 'missing', name: missing };
}

export function textRefusals(key: string, text: string): readonly ParameterRefusal[] {
  if (text.trim() === '') return [{ key, why: 'is empty' }];
  return text.length > MOST_TEXT ? [{ key, why: `is longer than ${MOST_TEXT / 1024} KiB` }] : [];
}

export function shellRefusals(shell: string): readonly ParameterRefusal[] {
  return /^[^\s=]+$/.test(shell) ? [] : [{ key: 'shell', why: 'is no name of a program' }];
}
