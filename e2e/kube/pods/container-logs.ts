/** Lines that containers wrote, and who waits for more. */

import type { ContainerPlace, LogLine } from './pod-runtime.ts';

export class ContainerLogs {
  readonly #lines = new Map<string, LogLine[]>();
  readonly #listeners = new Map<string, Set<(line: LogLine) => void>>();

  /** One line, or several. */
  add(container: ContainerPlace, text: string): void {
    const key = keyOf(container);
    const lines = this.#lines.get(key) ?? [];
    this.#lines.set(key, lines);
    for (const line of text.replace(/\n$/, '').split('\n')) {
      const entry = { timeMs: Date.now(), text: line };
      lines.push(entry);
      for (const listener of this.#listeners.get(key) ?? []) listener(entry);
    }
  }

  of(container: ContainerPlace): readonly LogLine[] {
    return this.#lines.get(keyOf(container)) ?? [];
  }

  follow(container: ContainerPlace, listener: (line: LogLine) => void): () => void {
    const key = keyOf(container);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }
}

export function keyOf({ namespace, pod, container }: ContainerPlace): string {
  return `${namespace}/${pod}/${container}`;
}
