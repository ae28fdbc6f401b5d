/** Recorded events through the rules, in this thread, as fast as it goes. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LookUpHost } from '@peregrine/fields';
import { openCapture } from '@peregrine/sources/capture-file';
import { documentSourceOf } from '../feeds/document-file.ts';
import { replayDocuments } from '../feeds/replay-documents.ts';
import { FIRST_WAIT_MS, HostWatch } from '../hosts/host-watch.ts';
import type { Log } from '../log.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import { createDetector, prepareRules } from './detector.ts';
import { openOutputs } from './open-outputs.ts';
import type { Setup } from './setup.ts';
import { addMatches, type RuleCount, type Statistics } from './statistics.ts';

/** Events between two looks at the queue of alerts: few enough that alerts die young. */
const EVENTS_PER_TURN = 4_096;

export interface ReplayOptions {
  readonly setup: Setup;
  /** Captures, and files of JSON events. */
  readonly captures: readonly string[];
  /** Source of JSON events that the files hold; else it is found out for each. */
  readonly source?: string;
  readonly hostname: string;
  readonly programName: string;
  readonly log: Log;
  /** Called with what was found in the rules, before the first event. */
  readonly onRules: (report: RulesReport) => void;
  /** Ends the replay early; what was found until then is delivered. */
  readonly signal: AbortSignal;
  /** Stop after as many seconds of recorded time. */
  readonly seconds?: number;
  /** Addresses of host names that rules compare with; by DNS and the hosts file unless stated. */
  readonly lookUpHost?: LookUpHost;
}

/** `undefined`: the rules cannot be used. Throws a `Fault` when a capture cannot be read, after its last good event. */
export async function replay(options: ReplayOptions): Promise<Statistics | undefined> {
  const { setup, captures, hostname, programName, log, signal } = options;
  const hosts = new HostWatch({
    lookUp: options.lookUpHost,
    onTrouble: (message) => log('debug', message),
  });
  const { ruleset, report } = prepareRules(setup, hosts.names);
  const sources = captures.flatMap((path) => options.source ?? documentSourceOf(path) ?? []);
  // Events of these are read here, whatever the configuration says.
  const silentSources = report.silentSources.filter(({ name }) => !sources.includes(name));
  options.onRules({ ...report, silentSources });
  if (ruleset === undefined) return undefined;
  await hosts.refresh(FIRST_WAIT_MS);

  let isGone = false;
  const delivery = await openOutputs({
    config: setup.config,
    programName,
    log,
    onGone: () => {
      isGone = true;
    },
  });
  const detector = createDetector(ruleset, {
    setup,
    hostname,
    onAlert: (alert) => delivery.push(alert),
    onBug: (error) =>
      log('error', `an event was dropped: ${error instanceof Error ? error.stack : String(error)}`),
  });
  const { engine, state } = detector;
  const wanted = engine.wantedCodes();
  const deadline = new Deadline(options.seconds);
  const process =
    options.seconds === undefined
      ? (view: Parameters<typeof engine.process>[0]) => engine.process(view)
      : (view: Parameters<typeof engine.process>[0]) => {
          if (deadline.passes(view.timestampNs())) return;
          engine.process(view);
        };
  const stopped = aborted(signal);
  let events = 0;
  let matches: readonly RuleCount[] = [];
  try {
    for (const path of captures) {
      const documents = options.source ?? documentSourceOf(path);
      if (documents !== undefined) {
        const replayed = await replayDocuments(path, documents, {
          ...{ setup, hostname, log, signal },
          deliver: async (alerts) => {
            for (const alert of alerts) delivery.push(alert);
            if (delivery.waitingCount > 0) await Promise.race([delivery.flush(), stopped]);
          },
        });
        events += replayed.events;
        matches = addMatches(matches, replayed.matches);
        continue;
      }
      const source = openCapture(path);
      source.want(wanted);
      try {
        while (!isGone && !signal.aborted && !deadline.isOver) {
          const handed = source.poll(state.sink, process, EVENTS_PER_TURN);
          if (handed === 'end') break;
          if (delivery.waitingCount > 0) await Promise.race([delivery.flush(), stopped]);
          // Signals are only seen between turns.
          await nextTurn();
        }
      } finally {
        events += source.eventsSeen();
        source.close();
      }
    }
  } finally {
    // A reader may take its time (a pager); only a signal ends the wait.
    await Promise.race([delivery.flush(), stopped]);
    await delivery.close();
  }
  return { events, matches: addMatches(detector.matches(), matches), losses: {} };
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

/** A span of event time, from the first event on. */
class Deadline {
  readonly #spanNs: bigint;
  #endNs: bigint | undefined;
  isOver = false;

  constructor(seconds = 0) {
    this.#spanNs = BigInt(Math.round(seconds * 1e9));
  }

  passes(timeNs: bigint): boolean {
    this.#endNs ??= timeNs + this.#spanNs;
    if (timeNs > this.#endNs) this.isOver = true;
    return this.isOver;
  }
}
