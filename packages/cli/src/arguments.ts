/** Command-line arguments to options and operands. What is declared here is all that help texts show. */

import { nearestName } from '@peregrine/base';

export interface OptionDeclaration {
  /** Long name, without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What the value is, for people: `FILE`. Absent: the option takes none. */
  readonly value?: string;
  /** The value may be left out; it must follow `=` then. */
  readonly isValueOptional?: boolean;
  readonly doc: string;
}

export interface Arguments {
  /** Whether the option was given. */
  has(name: string): boolean;
  /** The last value. */
  valueOf(name: string): string | undefined;
  valuesOf(name: string): readonly string[];
  readonly operands: readonly string[];
}

export interface UsageError {
  readonly message: string;
  readonly hint: string | undefined;
}

export type ParsedArguments =
  | { readonly kind: 'arguments'; readonly arguments: Arguments }
  | { readonly kind: 'usage-error'; readonly error: UsageError };

/** Options and operands in any order; `--` ends the options. Repeated options gather their values. */
export function parseArguments(
  given: readonly string[],
  options: readonly OptionDeclaration[],
): ParsedArguments {
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const fail = (message: string, hint?: string): ParsedArguments => ({
    kind: 'usage-error',
    error: { message, hint },
  });
  const add = (name: string, value: string | undefined): void => {
    const present = values.get(name) ?? [];
    if (value !== undefined) present.push(value);
    values.set(name, present);
  };

  for (let i = 0; i < given.length; i++) {
    const word = given[i] ?? '';
    if (word === '--') {
      operands.push(...given.slice(i + 1));
      break;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const option = options.find((candidate) => candidate.name === name);
      if (option === undefined) {
        const nearest = nearestName(
          name,
          options.map((candidate) => candidate.name),
        );
        return fail(`unknown option \`--${name}\``, nearest && `did you mean \`--${nearest}\`?`);
      }
      if (equals >= 0) {
        if (option.value === undefined) return fail(`option \`--${name}\` takes no value`);
        add(name, word.slice(equals + 1));
      } else if (option.value === undefined || option.isValueOptional) {
        add(name, undefined);
      } else {
        const value = given[++i];
        if (value === undefined) return fail(`option \`--${name}\` needs a value: ${option.value}`);
        add(name, value);
      }
      continue;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const letter = word[j] ?? '';
      const option = options.find((candidate) => candidate.short === letter);
      if (option === undefined) return fail(`unknown option \`-${letter}\``);
      if (option.value === undefined || option.isValueOptional) {
        add(option.name, undefined);
        continue;
      }
      const rest = word.slice(j + 1);
      const value = rest !== '' ? rest.replace(/^=/, '') : given[++i];
      if (value === undefined) return fail(`option \`-${letter}\` needs a value: ${option.value}`);
      add(option.name, value);
      break;
    }
  }
  return {
    kind: 'arguments',
    arguments: {
      has: (name) => values.has(name),
      valueOf: (name) => values.get(name)?.at(-1),
      valuesOf: (name) => values.get(name) ?? [],
      operands,
    },
  };
}

/** One line for each option, docs in a column of their own. */
export function renderOptions(options: readonly OptionDeclaration[]): string {
  const heads = options.map(({ name, short, value, isValueOptional }) => {
    const shown = value === undefined ? '' : isValueOptional ? `[=${value}]` : ` ${value}`;
    return `  ${short === undefined ? '    ' : `-${short}, `}--${name}${shown}`;
  });
  const width = Math.min(34, Math.max(0, ...heads.map((head) => head.length)) + 2);
  return options
    .map(({ doc }, i) => {
      const head = heads[i] ?? '';
      return head.length < width ? `${head.padEnd(width)}${doc}\n` : `${head}\n${''.padEnd(width)}${doc}\n`;
    })
    .join('');
}
