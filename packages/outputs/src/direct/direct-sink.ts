/** What an output is: a place that takes alerts, one open thing with a lifetime. */

import type { Alert } from '@peregrine/alert';
import type { Outcome, ValueSchema } from '@peregrine/base';

/** An alert with the line that outputs of lines write; the line has no newline. */
export interface RenderedAlert {
  readonly alert: Alert;
  readonly line: string;
}

export interface Output {
  /** Alerts that one call of `send` may be given: 1 where each is a request of its own. */
  readonly mostPerSend: number;
  /**
   * Takes the alerts, in order. Resolves when the destination has them, or when it is known that it will not: the
   * outcome then says why. Never rejects. One call at a time.
   */
  send(batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome>;
  /** Closes and opens again, after a log rotation or a restart of the destination. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** What all outputs share, and their view of the world. */
export interface OutputContext {
  readonly isJson: boolean;
  /** What this program calls itself where a destination wants a name. */
  readonly programName: string;
  /** How long a destination may take, milliseconds. */
  readonly timeoutMs: number;
  /** The reader went away: nothing will be taken any more, which is no failure (a pipe into `head`). */
  readonly onGone: () => void;
}

export interface DirectSink<C> {
  /** The key in the configuration is `<name>_output`. */
  readonly name: string;
  readonly doc: string;
  readonly config: ValueSchema<C>;
  /** Why the configuration cannot work, or `undefined`. Only asked when the output is enabled. */
  readonly refuses?: (config: C) => string | undefined;
  /** Throws a `Fault` when the destination cannot be opened. */
  open(config: C, context: OutputContext): Promise<Output>;
}

/** Keeps the type of the configuration between `config` and `open`. */
export function defineDirectSink<C>(sink: DirectSink<C>): DirectSink<C> {
  return Object.freeze(sink);
}

/** A sink with its settings: what remains is to open it. */
export interface BoundDirectSink {
  readonly name: string;
  /** Why the settings cannot work. */
  readonly refusal: string | undefined;
  open(context: OutputContext): Promise<Output>;
}

export function bindDirectSink<C>(sink: DirectSink<C>, config: C): BoundDirectSink {
  return { name: sink.name, refusal: sink.refuses?.(config), open: (context) => sink.open(config, context) };
}

/** Newline after each line; one string for the whole batch. */
export function linesOf(batch: readonly RenderedAlert[]): string {
  let text = '';
  for (const { line } of batch) text += `${line}\n`;
  return text;
}
