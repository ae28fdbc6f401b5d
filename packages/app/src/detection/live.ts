/**
 * Live detection, seen from the main thread: the sensor runs in a thread of its own, so that slow outputs never keep
 * it from draining the kernel's buffers; alerts come over and go out here.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Alert, StoryContinuation } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import { createInternalAlert, type Delivery, type NamedOutput } from '@peregrine/outputs';
import { findCgroups } from '@peregrine/sources';
import type { Config } from '../config/config.ts';
import { runtimeSettings } from '../containers/container-settings.ts';
import { ContainerWatch } from '../containers/container-watch.ts';
import { FeedFleet } from '../feeds/feed-fleet.ts';
import type { Log } from '../log.ts';
import { type ReportedDetection, type ReportedSetup, Reporter } from '../metrics/reporter.ts';
import { isKernelWanted } from '../plugins/loaded-plugins.ts';
import type { Confinement } from '../privileges/confinement.ts';
import { givenUp } from '../privileges/reloaded-needs.ts';
import { limitThread, seal } from '../privileges/seal.ts';
import type { OrderedRecording } from '../recording/alert-recorder.ts';
import type { RulesReport } from '../rules/load-rules.ts';
import { withCompiledCode } from './compiled-code.ts';
import type { Measurement } from './measure/measurement.ts';
import { PendingMeasurements } from './measure/pending-measurements.ts';
import { NoSensor } from './no-sensor.ts';
import { openOutputs } from './open-outputs.ts';
import { Questions } from './questions.ts';
import type { FromSensor, SensorStart, ToSensor } from './sensor-messages.ts';
import type { ReadSetup, Setup } from './setup.ts';
import { addMatches, noStatistics, type Statistics } from './statistics.ts';
import { limitNewSpace } from './thread-heap.ts';

export type { Log } from '../log.ts';
export type { Statistics } from './statistics.ts';

/** A recording may end so much later than it was asked for: others prolong it. */
const RECORD_PATIENCE_MS = 30_000;

export interface LiveOptions {
  readonly setup: Setup;
  readonly hostname: string;
  readonly programName: string;
  readonly scope: string | undefined;
  /** Where the host's files are seen; `''` for where they are. */
  readonly hostRoot: string;
  /** Kubernetes node, as the environment names it. */
  readonly nodeName: string | undefined;
  readonly log: Log;
  readonly onRules: (report: RulesReport) => void;
  /** Outputs besides those of the configuration, which outlive changes of it: a hub in this process. */
  readonly moreOutputs?: readonly NamedOutput[];
  /** Whoever keeps the stories around alerts: what came after them. Absent, nobody keeps any. */
  readonly onStories?: (continuations: readonly StoryContinuation[]) => Promise<void>;
  /** What was given up before; the rest of it goes when events are watched. */
  readonly confinement: Confinement;
  /** Files that the setup was read from. */
  readonly paths: readonly string[];
  /** Measure who makes events and what rules cost, at the expense of both. */
  readonly isProfiled?: boolean;
}

const LOADING_TOLD_AFTER_MS = 500;
const SLOW_LOADING = 'the kernel is checking the eBPF probe, which takes it a few seconds';

/** Alerts of sources beside the kernel that are added to those which wait, where the queue has no limit. */
const MOST_WAITING_OF_FEEDS = 8_192;

/** At the end, for what came after the last alerts. */
const MOST_STORY_WAIT_MS = 1_000;

/** Keys whose change means that outputs are opened anew. */
const outputKeys = [
  'file_output',
  'stdout_output',
  'syslog_output',
  'program_output',
  'http_output',
  'outputs_queue',
  'output_timeout',
  'json_output',
  'json_include_output_property',
  'json_include_message_property',
  'json_include_output_fields_property',
  'json_include_tags_property',
] as const satisfies readonly (keyof Config)[];

export class LiveDetection {
  readonly #options: LiveOptions;
  readonly #worker: Worker | NoSensor;
  readonly #started = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<void>();
  #loading: NodeJS.Timeout | undefined;
  #reloading: PromiseWithResolvers<boolean> | undefined;
  readonly #containers: ContainerWatch;
  #config: Config;
  #delivery: Delivery;
  /** Of deliveries that were replaced. */
  #earlierDropCount = 0;
  #reporter: Reporter | undefined;
  #feeds: FeedFleet | undefined;
  #statistics: Statistics = noStatistics;
  /** The latest part of stories is kept, or cannot be. */
  #storiesTold: Promise<void> = Promise.resolve();
  readonly #measurements = new PendingMeasurements((id) => this.#tell({ kind: 'measure', id }));
  readonly #recordings = new Questions<OrderedRecording>();

  private constructor(options: LiveOptions, delivery: Delivery, worker: Worker | NoSensor) {
    this.#options = options;
    this.#config = options.setup.config;
    this.#delivery = delivery;
    this.#worker = worker;
    this.#containers = new ContainerWatch({
      settings: runtimeSettings(options.setup.config, options.hostRoot),
      log: options.log,
      onAnswers: (answers) => this.#tell({ kind: 'containers', answers }),
    });
    worker.on('message', (message: FromSensor) => this.#take(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the sensor ended')));
    // Whoever waits gets the error; nobody waiting is no bug.
    this.#started.promise.catch(() => {});
    this.#ended.promise.catch(() => {});
  }

  /** Resolves when events are watched. Throws a `Fault` when that cannot be. */
  static async start(options: LiveOptions): Promise<LiveDetection> {
    let live: LiveDetection | undefined;
    const delivery = await openOutputs({
      config: options.setup.config,
      programName: options.programName,
      log: options.log,
      more: options.moreOutputs,
      onGone: () => live?.requestStop(),
    });
    live = new LiveDetection(options, delivery, openSensor(options));
    try {
      const title = await live.#started.promise;
      // Threads that begin from now on have no more than this one.
      limitThread(options.confinement, ['main']);
      await live.#startFeeds();
      live.#reporter = await Reporter.start(live.#reported(), reportedSetup(options.setup, options.paths));
      seal(options.confinement, ['main'], options.log);
      options.log('info', live.#worker instanceof NoSensor ? title : `watching this machine: ${title}`);
    } catch (error) {
      await live.#closeDelivery();
      throw error;
    }
    return live;
  }

  async #startFeeds(): Promise<void> {
    const { setup, hostname, log } = this.#options;
    this.#feeds = await FeedFleet.start(setup, {
      hostname,
      log,
      deliver: (alerts) => this.#deliver(alerts),
      onExecs: (requests) => this.#tell({ kind: 'execs', requests }),
      tellsStories: this.#options.onStories !== undefined,
    });
    // Without events of the kernel there is nothing left to do when the last source ends.
    if (this.#worker instanceof NoSensor) void this.#feeds.ended().then(() => this.requestStop());
  }

  /**
   * Resolves when the alerts are out. Those who wait for it can wait for room as well, and leave half of it to alerts that
   * cannot.
   */
  async #deliver(alerts: readonly Alert[]): Promise<void> {
    const { capacity } = this.#config.outputs_queue;
    const most = capacity > 0 ? Math.max(1, Math.floor(capacity / 2)) : MOST_WAITING_OF_FEEDS;
    for (const alert of alerts) {
      while (this.#delivery.waitingCount >= most) await this.#delivery.settled();
      this.#delivery.push(alert);
    }
    await this.#delivery.settled();
  }

  /** Resolves at the end, with counts; rejects when detection broke down. */
  async ended(): Promise<Statistics> {
    try {
      await this.#ended.promise;
      const { events, matches } = (await this.#feeds?.stop()) ?? noStatistics;
      this.#statistics = {
        ...this.#statistics,
        events: this.#statistics.events + events,
        matches: addMatches(this.#statistics.matches, matches),
      };
    } finally {
      await this.#closeDelivery();
    }
    return this.#statistics;
  }

  requestStop(): void {
    this.#tell({ kind: 'stop' });
  }

  /** What the sensor counts now. Rejects with a `Fault` when it does not answer. */
  measure(): Promise<Measurement> {
    return this.#measurements.ask();
  }

  /** Records so long from now on, with what is known of before. Rejects with a `Fault` when the sensor does not answer. */
  record(durationMs: number): Promise<OrderedRecording> {
    return this.#recordings.ask(
      (id) => this.#tell({ kind: 'record', id, durationMs }),
      durationMs + RECORD_PATIENCE_MS,
    );
  }

  async reopenOutputs(): Promise<void> {
    await this.#delivery.reopen();
  }

  /**
   * Rules and configuration from now on; tables keep what they hold. What cannot be used is refused whole: the old
   * stays, and an alert says so. Gives whether the new is in use.
   */
  async reload(read: ReadSetup): Promise<boolean> {
    const { setup, diagnostics } = read;
    if (setup === undefined) {
      this.#refuse(
        diagnostics.find(({ severity }) => severity === 'error')?.message ?? 'the configuration is bad',
      );
      return false;
    }
    while (this.#reloading !== undefined) await this.#reloading.promise.catch(() => false);
    this.#reloading = Promise.withResolvers<boolean>();
    this.#tell({ kind: 'reload', setup });
    const isInUse = await this.#reloading.promise.finally(() => {
      this.#reloading = undefined;
    });
    if (isInUse) {
      const { confinement, hostRoot, log } = this.#options;
      for (const text of givenUp(setup.config, confinement, hostRoot)) log('warning', text);
      await this.#takeConfig(setup.config);
      await this.#feeds?.use(setup);
      await this.#reporter?.use(reportedSetup(setup, read.paths));
    }
    return isInUse;
  }

  #reported(): ReportedDetection {
    return {
      hostname: this.#options.hostname,
      measure: () => this.measure(),
      measureFeeds: async () => (await this.#feeds?.measure()) ?? [],
      outputs: () => ({
        droppedCount: this.#earlierDropCount + this.#delivery.droppedCount,
        waitingCount: this.#delivery.waitingCount,
      }),
      alert: (alert) => this.#delivery.push(alert),
      log: this.#options.log,
      environment: process.env,
    };
  }

  async #takeConfig(config: Config): Promise<void> {
    const isSame = outputKeys.every(
      (key) => JSON.stringify(config[key]) === JSON.stringify(this.#config[key]),
    );
    this.#config = config;
    this.#containers.configure(runtimeSettings(config, this.#options.hostRoot));
    if (isSame) return;
    const { programName, log, moreOutputs: more } = this.#options;
    const old = this.#delivery;
    this.#delivery = await openOutputs({ config, programName, log, more, onGone: () => this.requestStop() });
    await old.close();
    this.#earlierDropCount += old.droppedCount;
  }

  #refuse(reason: string): void {
    this.#options.log('error', `the new configuration is refused, and the old one stays in use: ${reason}`);
    this.#delivery.push(
      createInternalAlert({
        kind: 'hot-restart-failure',
        hostname: this.#options.hostname,
        timeNs: BigInt(Date.now()) * 1_000_000n,
        text: `: ${reason}`,
      }),
    );
  }

  #take(message: FromSensor): void {
    const { log, onRules } = this.#options;
    switch (message.kind) {
      case 'rules':
        onRules(message.report);
        return;
      case 'loading':
        this.#loading = setTimeout(() => log('info', SLOW_LOADING), LOADING_TOLD_AFTER_MS);
        return;
      case 'started':
        clearTimeout(this.#loading);
        this.#containers.prepare();
        this.#started.resolve(message.title);
        return;
      case 'alerts':
        for (const alert of message.alerts) this.#delivery.push(alert);
        return;
      case 'stories':
        this.#storiesTold = this.#continueStories(message.continuations);
        return;
      case 'containers-met':
        this.#containers.ask(message.containers);
        return;
      case 'containers-gone':
        this.#containers.forget(message.containers);
        return;
      case 'losses':
        log('warning', `${message.sinceLast} events were lost: ${renderLosses(message.losses)} in all`);
        return;
      case 'measured':
        this.#measurements.settle(message.id, message.measurement);
        return;
      case 'recorded':
        this.#recordings.settle(message.id, message.became);
        return;
      case 'cgroups-wanted':
        findCgroups(message.cgroups).then(
          (paths) => this.#tell({ kind: 'cgroups', paths }),
          (error: unknown) => log('warning', `cannot look up cgroups: ${String(error)}`),
        );
        return;
      case 'reloaded':
        onRules(message.report);
        if (!message.isInUse) this.#refuse(reasonIn(message.report));
        this.#reloading?.resolve(message.isInUse);
        return;
      case 'note':
        log(message.level, message.text);
        return;
      case 'bug':
        log('error', `an event was dropped: ${message.text}`);
        return;
      case 'fault':
        this.#fail(
          new Fault(message.code, message.message, message.hint === undefined ? {} : { hint: message.hint }),
        );
        return;
      case 'stopped':
        this.#statistics = message.statistics;
        this.#ended.resolve();
        return;
    }
  }

  /** When the alerts that they are about are out. */
  async #continueStories(continuations: readonly StoryContinuation[]): Promise<void> {
    try {
      await this.#delivery.settled();
      await this.#options.onStories?.(continuations);
    } catch (error) {
      this.#options.log('warning', `what came after alerts is not kept: ${String(error)}`);
    }
  }

  #tell(message: ToSensor): void {
    this.#worker.postMessage(message);
  }

  #fail(error: unknown): void {
    clearTimeout(this.#loading);
    this.#started.reject(error);
    this.#ended.reject(error);
    this.#reloading?.reject(error);
    this.#measurements.fail(error);
    this.#recordings.fail(error);
  }

  async #closeDelivery(): Promise<void> {
    await this.#reporter?.close();
    await this.#feeds?.stop();
    this.#containers.close();
    await this.#delivery.close();
    // Alerts that were given up settle never.
    await Promise.race([this.#storiesTold, sleep(MOST_STORY_WAIT_MS, undefined, { ref: false })]);
    await this.#worker.terminate();
  }
}

function openSensor(options: LiveOptions): Worker | NoSensor {
  const { setup, hostname, scope, hostRoot, nodeName, confinement, isProfiled = false } = options;
  if (!isKernelWanted(setup.config)) return new NoSensor(setup);
  const tellsStories = options.onStories !== undefined;
  const start: SensorStart = {
    ...{ setup, hostname, scope, hostRoot, nodeName, confinement, isProfiled },
    tellsStories,
  };
  limitNewSpace();
  return new Worker(new URL('./sensor-worker.ts', import.meta.url), {
    workerData: start,
    env: withCompiledCode(process.env),
  });
}

function reportedSetup({ config, ruleFiles }: Setup, paths: readonly string[]): ReportedSetup {
  const ofRules = new Set(ruleFiles.map(({ name }) => name));
  return { config, ruleFiles, configFiles: paths.filter((path) => !ofRules.has(path)) };
}

function reasonIn(report: RulesReport): string {
  const first = report.files
    .flatMap(({ diagnostics }) => diagnostics)
    .find(({ severity }) => severity === 'error');
  return first?.message ?? 'the rules cannot be used';
}

function renderLosses(losses: Readonly<Record<string, number>>): string {
  return Object.entries(losses)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
}
