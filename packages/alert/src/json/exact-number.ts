/** A number that JavaScript would change by reading it: `1.10`, `1e400`, `-0`. Its text is its value. */
export class ExactNumber {
  /** As JSON writes it. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest number that there is. */
  toNumber(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }
}

/** The value of a JSON number: a number where nothing is lost, a bigint for long integers, else its text. */
export function exactNumber(text: string): number | bigint | ExactNumber {
  const value = Number(text);
  if (String(value) === text) return value;
  return /^(?:0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : new ExactNumber(text);
}
