/** A statement in the making: its parameters are numbered as they are added. */

import type { Parameter } from './ask.ts';

export class Parameters {
  readonly values: Parameter[] = [];

  /** Its place in the statement: `$1`... */
  add(value: Parameter): string {
    return `$${this.values.push(value)}`;
  }

  /** Forgets those that were added since there were so many: PostgreSQL refuses what is not used. */
  shrinkTo(count: number): void {
    this.values.length = count;
  }
}

export interface Statement {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}
