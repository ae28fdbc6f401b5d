/**
 * Who asks runtimes about containers: the main thread, which waits for nobody. A runtime that hangs costs it an open
 * question; events are worked on elsewhere. What asks is loaded when the first container is met.
 */

import { findSockets } from '@peregrine/sources/container-sockets';
import type { ContainerLookups, RuntimeSettings } from '@peregrine/sources/containers';
import type { Container } from '@peregrine/state';
import type { Log } from '../log.ts';

/** Answers that came together. */
export interface ContainerAnswers {
  readonly known: readonly Container[];
  /** Ids of containers that no runtime tells of (yet). */
  readonly unknown: readonly string[];
}

export interface ContainerWatchOptions {
  readonly settings: RuntimeSettings;
  readonly log: Log;
  readonly onAnswers: (answers: ContainerAnswers) => void;
}

export class ContainerWatch {
  readonly #options: ContainerWatchOptions;
  #settings: RuntimeSettings;
  #lookups: Promise<ContainerLookups> | undefined;
  #known: Container[] = [];
  #unknown: string[] = [];

  constructor(options: ContainerWatchOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Where runtimes are, makes ready to ask them, so that the first container does not wait for that. */
  prepare(): void {
    const { sockets, hostRoot } = this.#settings;
    if (findSockets(Object.values(sockets).flat(), hostRoot).length === 0) return;
    this.#withLookups((lookups) => lookups.prepare());
  }

  ask(containers: readonly Container[]): void {
    this.#withLookups((lookups) => {
      for (const container of containers) lookups.ask(container);
    });
  }

  /** They are gone. */
  forget(containers: readonly Container[]): void {
    if (this.#lookups === undefined) return;
    this.#withLookups((lookups) => {
      for (const { id, fullId } of containers) lookups.forget(id, fullId);
    });
  }

  /** Settings from now on. Who is asked about then is asked anew. */
  configure(settings: RuntimeSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    const old = this.#lookups;
    this.#lookups = undefined;
    old
      ?.then((lookups) => {
        const pending = lookups.pending();
        lookups.close();
        this.prepare();
        this.ask(pending);
      })
      .catch(() => {});
  }

  close(): void {
    this.#lookups?.then((lookups) => lookups.close()).catch(() => {});
    this.#lookups = undefined;
  }

  #withLookups(act: (lookups: ContainerLookups) => void): void {
    this.#lookups ??= this.#open();
    this.#lookups.then(act).catch((error: unknown) => {
      this.#options.log('error', `containers cannot be asked about: ${String(error)}`);
    });
  }

  async #open(): Promise<ContainerLookups> {
    const { log } = this.#options;
    const { ContainerLookups } = await import('@peregrine/sources/containers');
    return new ContainerLookups({
      settings: this.#settings,
      onKnown: (container) => {
        this.#known.push(container);
        this.#answerSoon();
      },
      onUnknown: (id) => {
        this.#unknown.push(id);
        this.#answerSoon();
      },
      onTrouble: (message) => log('warning', message),
      onRecovery: (message) => log('info', message),
    });
  }

  #answerSoon(): void {
    if (this.#known.length + this.#unknown.length > 1) return;
    setImmediate(() => {
      const answers = { known: this.#known, unknown: this.#unknown };
      this.#known = [];
      this.#unknown = [];
      this.#options.onAnswers(answers);
    });
  }
}
