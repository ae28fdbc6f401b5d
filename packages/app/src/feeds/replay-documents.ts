/** Files of JSON events through the rules of their source, in this thread. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Alert } from '@peregrine/alert';
import type { Setup } from '../detection/setup.ts';
import type { RuleCount } from '../detection/statistics.ts';
import type { Log } from '../log.ts';
import { knownPlugins, loadedEntries } from '../plugins/known-plugins.ts';
import { JsonDetector } from './json-detector.ts';

export interface DocumentReplayOptions {
  readonly setup: Setup;
  readonly hostname: string;
  readonly log: Log;
  readonly deliver: (alerts: readonly Alert[]) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface ReplayedDocuments {
  readonly events: number;
  readonly matches: readonly RuleCount[];
}

/** `path`: a file, or `-` for standard input. Throws a `Fault` when it cannot be read. */
export async function replayDocuments(
  path: string,
  source: string,
  options: DocumentReplayOptions,
): Promise<ReplayedDocuments> {
  const { setup, hostname, log, deliver, signal } = options;
  const plugin = knownPlugins(setup.config).find((candidate) => candidate.source === source);
  if (plugin === undefined) throw new Error(`nothing reads ${source}`);
  const { detector } = JsonDetector.create({
    ...{ setup, source, hostname },
    onBug: (error) =>
      log('error', `an event was dropped: ${error instanceof Error ? error.stack : String(error)}`),
  });
  if (detector === undefined) throw new Error('the rules were not checked before');
  const initConfig = loadedEntries(setup.config).find(({ name }) => name === plugin.name)?.init_config;
  const feed = await plugin.open(initConfig, { openParams: path, tell: log, environment: process.env });
  try {
    for (let batch = await feed.next(signal); batch !== undefined; batch = await feed.next(signal)) {
      await deliver(detector.alertsOf(batch));
      batch.done();
      // Signals are only seen between turns.
      await nextTurn();
    }
  } finally {
    await feed.close();
  }
  return { events: detector.eventCount, matches: detector.matches() };
}
