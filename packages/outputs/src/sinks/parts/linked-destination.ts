/**
 * A destination behind a connection that is kept: opened when the first alert is there, opened anew after it broke, and
 * given up when it takes too long. What an alert becomes on it is the output's own affair.
 */

import type { Outcome } from '@peregrine/base';
import type { Delivery, Destination, SinkContext } from '../../sink.ts';
import { codeOf, reasonOf } from '../../transport/write-all.ts';

export interface LinkOptions<C> {
  readonly context: Pick<SinkContext, 'timeoutMs'>;
  /** What must not be told, should an error repeat it. */
  readonly secrets?: readonly string[];
  /** `onLoss` is called when the connection breaks by itself, with the reason. */
  readonly open: (signal: AbortSignal, onLoss: (reason: string) => void) => Promise<C>;
  /** Must not wait for a destination that does not answer. */
  readonly close: (connection: C) => Promise<void> | void;
  readonly deliver: (
    connection: C,
    deliveries: readonly Delivery[],
    signal: AbortSignal,
  ) => Promise<Outcome | readonly Outcome[]>;
  /** What an error of `deliver` means; `undefined` for troubles of the connection, which is then opened anew. */
  readonly outcomeOf?: (error: unknown) => Outcome | undefined;
}

const MOST_DEPTH = 10;

interface Link<C> {
  /** What `open` gives, however late. */
  readonly opened: Promise<C>;
  /** The same, or an error after the limit. */
  readonly connection: Promise<C>;
  /** Told when the connection breaks by itself. INVARIANT: whoever is under way, and no more: a promise would keep all. */
  readonly underWay: Set<(reason: Error) => void>;
}

export function linkedDestination<C>(options: LinkOptions<C>): Destination {
  const { timeoutMs } = options.context;
  let link: Link<C> | undefined;

  function linked(): Link<C> {
    if (link !== undefined) return link;
    const underWay = new Set<(reason: Error) => void>();
    const limit = limited(timeoutMs);
    const opened = options.open(limit.signal, (reason) => {
      for (const end of underWay) end(new Error(reason));
      drop(made);
    });
    const connection = beforeAbort(
      opened,
      limit.signal,
      () => new Error(`no connection within ${timeoutMs} ms`),
    ).finally(limit.release);
    const made: Link<C> = { opened, connection, underWay };
    connection.catch(() => drop(made));
    link = made;
    return made;
  }

  function drop(broken: Link<C>): void {
    if (link !== broken) return;
    link = undefined;
    void closeQuietly(broken);
  }

  async function closeQuietly({ opened }: Link<C>): Promise<void> {
    try {
      await options.close(await opened);
    } catch {
      // It is broken, and nobody wants it back.
    }
  }

  async function send(
    deliveries: readonly Delivery[],
    signal: AbortSignal,
  ): Promise<Outcome | readonly Outcome[]> {
    const current = linked();
    const limit = limited(timeoutMs, signal);
    const { promise: loss, reject: end } = Promise.withResolvers<never>();
    current.underWay.add(end);
    try {
      const work = current.connection.then((connection) =>
        options.deliver(connection, deliveries, limit.signal),
      );
      return await beforeAbort(Promise.race([work, loss]), limit.signal, () =>
        signal.aborted ? new Error('given up') : new Error(`no answer within ${timeoutMs} ms`),
      );
    } catch (error) {
      const outcome = options.outcomeOf?.(error);
      if (outcome === undefined) drop(current);
      return withoutSecrets(
        outcome ?? { kind: 'retry', reason: causeOf(error), afterMs: undefined },
        options.secrets,
      );
    } finally {
      limit.release();
      current.underWay.delete(end);
    }
  }

  /** Nobody knows which of several a refusal is about: each is tried on its own then. */
  async function sendOneByOne(
    deliveries: readonly Delivery[],
    signal: AbortSignal,
  ): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const delivery of deliveries) {
      const last = outcomes.at(-1);
      // INVARIANT: none overtakes one that has to wait.
      if (last?.kind === 'retry') outcomes.push(last);
      else outcomes.push(...[await send([delivery], signal)].flat());
    }
    return outcomes;
  }

  return {
    send: async (deliveries, signal) => {
      const outcome = await send(deliveries, signal);
      const isOfSeveral = deliveries.length > 1 && 'kind' in outcome && outcome.kind === 'rejected';
      return isOfSeveral ? sendOneByOne(deliveries, signal) : outcome;
    },
    close: async () => {
      const last = link;
      link = undefined;
      // INVARIANT: an opening that hangs is not waited for; should it end well after all, what it gives is closed then.
      const isOpen = await last?.connection.then(
        () => true,
        () => false,
      );
      if (last !== undefined && isOpen === true) await closeQuietly(last);
    },
  };
}

/** Over after a time, or with `parent`; `release` lets go of both, which a signal of Node's own does much later. */
function limited(
  timeMs: number,
  parent?: AbortSignal,
): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeMs);
  parent?.addEventListener('abort', abort, { once: true });
  if (parent?.aborted === true) abort();
  const release = (): void => {
    clearTimeout(timer);
    parent?.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, release };
}

/** Settles as `work` does, or rejects when the signal says that it is over; what comes of `work` then is of no interest. */
export async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal, reason: () => Error): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(reason());
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  work.catch(() => {});
  promise.catch(() => {});
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Why it failed, on one line: what the error says, and what the one at the bottom of it says. */
export function causeOf(error: unknown): string {
  const said = oneLine(error);
  const root = rootOf(error);
  const deeper = root === error ? '' : oneLine(root);
  if (deeper === '' || said.includes(deeper)) return said === '' ? 'no connection' : said;
  return said === '' ? deeper : `${said.replace(/[.:]$/, '')}: ${deeper}`;
}

/** Errors hold others: as their cause, or several at once, of which the first is as good as any. */
function rootOf(error: unknown): unknown {
  let root = error;
  // A bound, should one hold itself.
  for (let depth = 0; depth < MOST_DEPTH; depth++) {
    const inner: unknown =
      root instanceof AggregateError ? root.errors[0] : root instanceof Error && root.cause;
    if (!(inner instanceof Error)) return root;
    root = inner;
  }
  return root;
}

function oneLine(error: unknown): string {
  return reasonOf(error).replace(/\s+/g, ' ').trim() || (codeOf(error) ?? '');
}

export function withoutSecrets(outcome: Outcome, secrets: readonly string[] = []): Outcome {
  return outcome.kind === 'delivered'
    ? outcome
    : { ...outcome, reason: textWithoutSecrets(outcome.reason, secrets) };
}

export function textWithoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
}
