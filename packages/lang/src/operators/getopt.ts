/** Options of a command line, found as POSIX `getopt` does, for the transformer of that name. */

export interface FoundOption {
  readonly letter: string;
  /** `undefined`: the option takes none. Empty where the argument is missing. */
  readonly argument: string | undefined;
}

/**
 * Options among `words`, in order. Letters in `optionText` that a colon follows take an argument. The scan ends at `--`
 * and at the first word that is no option; words that begin with `--` are passed over; an unknown letter is `?`.
 */
export function findOptions(words: readonly string[], optionText: string): readonly FoundOption[] {
  const found: FoundOption[] = [];
  const known = optionText.startsWith(':') ? optionText.slice(1) : optionText;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--' || word === '-' || !word.startsWith('-')) break;
    if (word.startsWith('--')) continue;
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      const place = letter === ':' ? -1 : known.indexOf(letter);
      if (place < 0) {
        found.push({ letter: '?', argument: undefined });
      } else if (known[place + 1] !== ':') {
        found.push({ letter, argument: undefined });
      } else {
        const rest = word.slice(at + 1);
        if (rest === '') i++;
        found.push({ letter, argument: rest === '' ? (words[i] ?? '') : rest });
        break;
      }
    }
  }
  return found;
}

/** Letters, each followed by its argument if it takes one. */
export function optionWords(found: readonly FoundOption[]): readonly string[] {
  return found.flatMap(({ letter, argument }) => (argument === undefined ? [letter] : [letter, argument]));
}

/** The argument of the last option `letter`; the letter itself where it takes none. */
export function lastOption(found: readonly FoundOption[], letter: string): string | undefined {
  const last = found.findLast((option) => option.letter === letter);
  return last === undefined ? undefined : (last.argument ?? last.letter);
}
