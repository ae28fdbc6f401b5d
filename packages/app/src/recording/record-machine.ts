/** Records what happens on this machine into a capture: the tables as they are, then events until somebody stops it. */

import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventView } from '@peregrine/events';
import { eventFlag, eventTypeOf, viewFlag } from '@peregrine/events';
import {
  CaptureFile,
  coveredSyscalls,
  type EbpfSource,
  encodeHead,
  openEbpf,
  probeObstacle,
  reportable,
} from '@peregrine/sources';
import { StateEngine } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { runtimeSettings } from '../containers/container-settings.ts';
import { openProcTables, type ProcTables } from '../detection/proc-tables.ts';
import { ringSizesOf } from '../detection/ring-sizes.ts';
import { selectSyscalls } from '../detection/select-syscalls.ts';
import type { Log } from '../log.ts';
import type { Confinement } from '../privileges/confinement.ts';
import { seal } from '../privileges/seal.ts';
import type { EventFilter } from './event-filter.ts';
import { RecordedContainers } from './recorded-containers.ts';

const EVENTS_PER_TURN = 16_384;
/** Code of events that tell of containers. */
const TELLS_OF_CONTAINERS = 402;
const IDLE_MS = 2;
/** What is waiting goes to disk at least as often, so that a reader of the growing file sees it. */
const FLUSH_MS = 1_000;

export interface RecordOptions {
  readonly config: Config;
  readonly path: string;
  readonly isCompressed: boolean;
  /** The file never grows beyond it; 0 is any size. */
  readonly maxBytes: number;
  readonly scope: string | undefined;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  readonly log: Log;
  /** What was given up before; the rest of it goes when events are watched. */
  readonly confinement: Confinement;
  /** All events unless stated. */
  readonly filter: EventFilter | undefined;
  /** Ends the recording. */
  readonly signal: AbortSignal;
  /** Called with how the machine is watched, when the tables are written. */
  readonly onStarted: (title: string) => void;
}

export interface Recorded {
  /** Events in the file, those that only keep tables complete included. */
  readonly eventCount: number;
  /** Of them, events that a reader does not show. */
  readonly stateOnlyCount: number;
  readonly writtenBytes: number;
  /** The limit of size ended it. */
  readonly isFull: boolean;
  readonly losses: Readonly<Record<string, number>>;
}

/** Throws a `Fault` when the kernel cannot be watched or the file cannot be written. */
export async function recordMachine(options: RecordOptions): Promise<Recorded> {
  const obstacle = probeObstacle();
  if (obstacle !== undefined) throw obstacle;
  const file = new CaptureFile({ ...options, isNew: false });
  try {
    return await record(file, options);
  } finally {
    file.close();
  }
}

async function record(file: CaptureFile, options: RecordOptions): Promise<Recorded> {
  const { config, filter, signal } = options;
  let proc: ProcTables | undefined;
  const containers = new RecordedContainers({
    settings: runtimeSettings(config, options.hostRoot),
    log: options.log,
    emit: (view) => take(view),
  });
  const state: StateEngine = new StateEngine({
    needs: filter?.ruleset.needs ?? new Set(),
    limits: { threads: config.falco_libs.thread_table_size },
    lookUpProcess: (tid) => proc?.lookUp(tid, state.sink) ?? false,
    ...containers.hooks,
  });
  containers.start(state);
  const choice = filter === undefined ? undefined : new Choice(file, state, filter);
  const take = (view: EventView): void => {
    if (choice === undefined) {
      file.event(view);
      containers.follow(view);
    } else {
      choice.take(view);
      containers.settle();
    }
  };
  const source = openEbpf({
    scope: options.scope,
    syscalls: filter === undefined ? coveredSyscalls : syscallsFor(filter, state, config),
    hookMode: config.engine.modern_ebpf.hook_mode,
    ...ringSizesOf(config, availableParallelism()),
  });
  try {
    // The kernel keeps what happens meanwhile: it comes after the tables.
    proc = openProcTables({
      source,
      hostRoot: options.hostRoot,
      log: options.log,
    });
    proc.scan(state.sink);
    file.blocks(encodeHead(state.snapshot(), BigInt(Date.now()) * 1_000_000n));
    seal(options.confinement, ['main', 'sensor'], options.log);
    options.onStarted(source.title);
    const afterTurn = (): void => containers.afterTurn();
    await drain({ source, state, file, take, afterTurn, signal });
    file.flush();
    return {
      eventCount: file.eventCount,
      stateOnlyCount: choice?.stateOnlyCount ?? 0,
      writtenBytes: file.writtenBytes,
      isFull: file.isFull,
      losses: source.losses(),
    };
  } finally {
    source.close();
    containers.close();
  }
}

interface Draining {
  readonly source: EbpfSource;
  readonly state: StateEngine;
  readonly file: CaptureFile;
  readonly take: (view: EventView) => void;
  readonly afterTurn: () => void;
  readonly signal: AbortSignal;
}

async function drain({ source, state, file, take, afterTurn, signal }: Draining): Promise<void> {
  let nextFlushMs = 0;
  while (!signal.aborted && !file.isFull) {
    const handed = source.poll(state.sink, take, EVENTS_PER_TURN);
    if (handed === 'end') return;
    afterTurn();
    const nowMs = performance.now();
    if (nowMs >= nextFlushMs) {
      nextFlushMs = nowMs + FLUSH_MS;
      file.flush();
    }
    // Signals and timers are only seen between turns.
    await nextTurn();
    if (handed === 0) source.idle(IDLE_MS);
  }
  // What happened before the end belongs to it; the rings are settled a moment later.
  source.idle(IDLE_MS);
  if (!file.isFull) source.poll(state.sink, take, EVENTS_PER_TURN);
}

/** The calls that the filter may match, and those that the tables follow. */
function syscallsFor(filter: EventFilter, state: StateEngine, config: Config): readonly string[] {
  const needs = {
    ofRules: filter.ruleset.rules.map(({ syscalls }) => syscalls),
    stateCodes: state.wantedCodes(),
    covered: reportable,
  };
  return selectSyscalls(needs, { ...config.base_syscalls, all: true }).watched;
}

/** Writes what matches, and what changes the tables with a mark that says so. HOT: `take` allocates nothing. */
class Choice {
  readonly #file: CaptureFile;
  readonly #state: StateEngine;
  readonly #filter: EventFilter;
  stateOnlyCount = 0;

  constructor(file: CaptureFile, state: StateEngine, filter: EventFilter) {
    this.#file = file;
    this.#state = state;
    this.#filter = filter;
  }

  readonly take = (view: EventView): void => {
    const event = this.#state.apply(view);
    if (event !== undefined && this.#filter.matches(event)) this.#file.event(view);
    else if (changesTables(view.code) && this.#file.event(view, viewFlag.stateOnly)) this.stateOnlyCount++;
  };
}

function changesTables(code: number): boolean {
  if (code === TELLS_OF_CONTAINERS) return true;
  return ((eventTypeOf(code)?.flags ?? 0) & eventFlag.modifiesState) !== 0;
}
