/**
 * The sensor: drains the kernel's buffers, keeps the tables, runs the rules; alerts and news go to the main thread.
 * It waits for nothing but events: the event loop of its thread gets a turn once a second, and while host names are
 * looked up.
 */

import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Alert } from '@peregrine/alert';
import { encodeKernelFilters, type KernelKills, type Ruleset } from '@peregrine/engine';
import type { EventView } from '@peregrine/events';
import type { Source } from '@peregrine/lang';
import { clockTime, createInternalAlert } from '@peregrine/outputs';
import { type EbpfSource, openEbpf, probeObstacle, reportable } from '@peregrine/sources';
import type { EventContext } from '@peregrine/state';
import type { Config } from '../config/config.ts';
import { ContainerFollower } from '../containers/container-follower.ts';
import { holdLimits } from '../containers/container-settings.ts';
import { ExecJoin } from '../exec-join/exec-join.ts';
import { isJoining, sessionHold } from '../exec-join/settings.ts';
import { FIRST_WAIT_MS, HostWatch } from '../hosts/host-watch.ts';
import { limitThread } from '../privileges/seal.ts';
import { RecorderSwitch } from '../recording/recorder-switch.ts';
import { StorySwitch } from '../story/story-switch.ts';
import { createDetector, type Detector, type DetectorOptions, prepareRules } from './detector.ts';
import { IdleWatch } from './idle-watch.ts';
import { kernelFiltersOf } from './kernel-filters.ts';
import { KillWatch } from './kill-watch.ts';
import { LossWatch } from './ledger/loss-watch.ts';
import { measureSensor } from './measure/measure-sensor.ts';
import type { Measurement } from './measure/measurement.ts';
import { openProcTables, type ProcTables } from './proc-tables.ts';
import { EventProfile } from './profile/event-profile.ts';
import { PurgeSchedule } from './purge-schedule.ts';
import { ringSizesOf } from './ring-sizes.ts';
import { selectSyscalls } from './select-syscalls.ts';
import type { FromSensor, SensorStart, ToSensor } from './sensor-messages.ts';
import type { Setup } from './setup.ts';

/** Events handled before messages are looked at. */
const EVENTS_PER_TURN = 16_384;
/** Pause when there are no events, milliseconds. */
const IDLE_MS = 2;
/** Without events for so long, the kernel is asked to wake this thread, and it waits longer. */
const QUIET_AFTER_MS = 50;
/** Messages of the main thread wait for so long at most. */
const QUIET_MS = 50;
/** How often losses are looked at and the tables cleaned, milliseconds. */
const CARE_MS = 1_000;

export interface SensorPort {
  readonly tell: (message: FromSensor) => void;
  /** The next message, or `undefined` when there is none. Never waits. */
  readonly next: () => ToSensor | undefined;
}

/** Throws a `Fault` when the kernel cannot be watched. */
export async function runSensor(start: SensorStart, port: SensorPort): Promise<void> {
  const obstacle = probeObstacle();
  if (obstacle !== undefined) throw obstacle;
  const hosts = new HostWatch({
    onTrouble: (text) => port.tell({ kind: 'note', level: 'warning', text }),
  });
  const { ruleset, source, kills, report } = prepareRules(start.setup, hosts.names, start.nodeName);
  port.tell({ kind: 'rules', report });
  if (ruleset === undefined) {
    port.tell({ kind: 'fault', code: 'rules', message: 'the rules cannot be used', hint: undefined });
    return;
  }
  await hosts.refresh(FIRST_WAIT_MS);
  const sensor = new Sensor(start, { ruleset, source, kills }, port, hosts);
  try {
    await sensor.run();
  } finally {
    sensor.close();
  }
}

interface SensorRules {
  readonly ruleset: Ruleset<EventContext>;
  readonly source: Source<EventContext>;
  readonly kills: KernelKills;
}

class Sensor {
  readonly #start: SensorStart;
  readonly #port: SensorPort;
  readonly #hosts: HostWatch;
  readonly #source: EbpfSource;
  readonly #proc: ProcTables;
  readonly #containers: ContainerFollower;
  readonly #execs: ExecJoin;
  /** Whether anybody tells who had commands run in pods. */
  #isJoining: boolean;
  #alerts: Alert[] = [];
  #setup: Setup;
  readonly #detector: Detector;
  /** Records what happens around alerts, if the configuration says so. */
  readonly #recorder: RecorderSwitch;
  /** Tells stories around alerts, if somebody keeps them and the configuration does not say otherwise. */
  readonly #stories: StorySwitch | undefined;
  #events = 0;
  #lost = 0;
  #nextCareMs = 0;
  readonly #lossWatch: LossWatch;
  #idleWatch: IdleWatch;
  readonly #purges: PurgeSchedule;
  /** When the last events were read; 0 before the first. */
  #latestEventMs = 0;
  /** For how long there were no events. */
  #idleMs = 0;
  readonly #profile: EventProfile | undefined;
  readonly #ringBytes: number;
  /** The kernel leaves out what rules cannot need, so that the tables do not know all open files. */
  #isFiltered = false;
  readonly #killWatch: KillWatch;

  /** Where every event comes in: those of the kernel, and those that tell of containers. HOT. */
  readonly #handle = (view: EventView): void => {
    this.#detector.engine.process(view);
    if (this.#containers.hasNews) this.#containers.catchUp();
  };

  constructor(
    start: SensorStart,
    { ruleset, source, kills }: SensorRules,
    port: SensorPort,
    hosts: HostWatch,
  ) {
    this.#start = start;
    this.#port = port;
    this.#hosts = hosts;
    this.#setup = start.setup;
    this.#containers = new ContainerFollower({
      emit: this.#handle,
      ask: (containers) => port.tell({ kind: 'containers-met', containers }),
      forget: (containers) => port.tell({ kind: 'containers-gone', containers }),
      warn: (text) => port.tell({ kind: 'note', level: 'warning', text }),
    });
    const { config } = start.setup;
    this.#execs = this.#createExecJoin();
    this.#isJoining = isJoining(config);
    this.#idleWatch = new IdleWatch(config.syscall_event_timeouts.max_consecutives);
    this.#purges = new PurgeSchedule(Date.now(), purgeIntervalMs(config));
    this.#profile = start.isProfiled ? new EventProfile(() => performance.now()) : undefined;
    this.#recorder = new RecorderSwitch(start.hostname, {
      alert: (alert) => this.#alerts.push(alert),
      log: (level, text) => port.tell({ kind: 'note', level, text }),
    });
    this.#stories = start.tellsStories ? this.#createStories() : undefined;
    this.#killWatch = new KillWatch(start.hostname, {
      alert: (alert) => this.#alerts.push(alert),
      log: (level, text) => port.tell({ kind: 'note', level, text }),
    });
    this.#detector = this.#createDetector(ruleset);
    port.tell({ kind: 'loading' });
    const sizes = ringSizesOf(config, availableParallelism());
    this.#ringBytes = sizes.ringBytes;
    this.#source = openEbpf({
      scope: start.scope,
      syscalls: this.#wantedSyscalls(),
      hookMode: config.engine.modern_ebpf.hook_mode,
      ...sizes,
      // Otherwise it was asked for before the right to was given up.
      countsRunTimes: start.isProfiled && !start.confinement.isOn,
    });
    this.#proc = openProcTables({
      source: this.#source,
      hostRoot: start.hostRoot,
      log: (level, text) => port.tell({ kind: 'note', level, text }),
    });
    this.#lossWatch = this.#createLossWatch();
    this.#proc.scan(this.#detector.state.sink);
    this.#recorder.use(config.capture, this.#detector);
    this.#useFilter(this.#filterFor(ruleset, source));
    this.#respond(kills);
    const trouble = limitThread(start.confinement, ['sensor']);
    if (trouble !== undefined) port.tell({ kind: 'note', level: 'warning', text: trouble });
  }

  /** What the kernel is to report for the rules; `undefined`: all that they ask for, and the reason is told. */
  #filterFor(ruleset: Ruleset<EventContext>, source: Source<EventContext>): Uint8Array | undefined {
    const filters = kernelFiltersOf(ruleset, source, this.#setup.config);
    if (filters.offReason === undefined) return encodeKernelFilters(filters);
    const text = `the kernel leaves nothing out: ${filters.offReason}`;
    this.#port.tell({ kind: 'note', level: 'info', text });
    return undefined;
  }

  /** To be called when the tables hold what was there before: from now on, events tell the rest. */
  #useFilter(filter: Uint8Array | undefined): void {
    this.#source.filter(filter);
    this.#isFiltered = filter !== undefined;
  }

  #respond(kills: KernelKills): void {
    this.#killWatch.use(kills.rules);
    this.#source.respond(kills, this.#setup.config.engine.modern_ebpf.kernel_response);
  }

  #createLossWatch(): LossWatch {
    const source = this.#source;
    return new LossWatch(this.#setup.config, {
      hostname: this.#start.hostname,
      nowMs: Date.now(),
      port: {
        counters: () => source.counters(),
        takeLosses: () => source.takeCgroupLosses(),
        rules: () => this.#detector.rules,
        stateCodes: () => this.#detector.state.wantedCodes(),
        container: (id) => this.#detector.state.tables.container(id),
        alert: (alert) => this.#alerts.push(alert),
        log: (level, text) => this.#port.tell({ kind: 'note', level, text }),
        lookUpCgroups: (cgroups) => this.#port.tell({ kind: 'cgroups-wanted', cgroups }),
      },
    });
  }

  async run(): Promise<void> {
    this.#port.tell({ kind: 'started', title: this.#source.title });
    let isRunning = true;
    while (isRunning) {
      const handed = this.#source.poll(this.#detector.state.sink, this.#handle, EVENTS_PER_TURN);
      if (handed === 'end') break;
      this.#events += handed;
      this.#containers.afterTurn();
      this.#execs.turn(performance.now());
      this.#killWatch.take(this.#source.takeKills());
      this.#hand();
      // Meanwhile promises settle and lookups get on.
      if (this.#care() || this.#hosts.isBusy) await nextTurn();
      for (let message = this.#port.next(); message !== undefined; message = this.#port.next()) {
        if (message.kind === 'stop') isRunning = false;
        else this.#take(message);
      }
      if (handed === 0) this.#idle();
      else this.#wake(handed);
    }
    this.#detector.engine.settleAll();
    this.#recorder.close();
    this.#stories?.close();
    this.#killWatch.take(this.#source.takeKills());
    this.#lossWatch.end(Date.now());
    this.#hand();
    this.#port.tell({
      kind: 'stopped',
      statistics: {
        events: this.#events,
        matches: this.#detector.matches(),
        losses: this.#source.losses(),
      },
    });
  }

  #take(message: Exclude<ToSensor, { kind: 'stop' }>): void {
    switch (message.kind) {
      case 'containers':
        this.#containers.take(message.answers);
        return;
      case 'execs':
        this.#execs.asked(message.requests, performance.now());
        return;
      case 'cgroups':
        this.#lossWatch.names.learn(message.paths);
        return;
      case 'measure':
        this.#port.tell({ kind: 'measured', id: message.id, measurement: this.#measure() });
        return;
      case 'record': {
        const { id, durationMs } = message;
        this.#recorder.ordered(durationMs, Date.now(), (became) =>
          this.#port.tell({ kind: 'recorded', id, became }),
        );
        return;
      }
      case 'reload':
        this.#reload(message.setup);
        return;
    }
  }

  #measure(): Measurement {
    const parts = {
      source: this.#source,
      detector: this.#detector,
      lossWatch: this.#lossWatch,
      profile: this.#profile,
      ringBytes: this.#ringBytes,
      eventCount: this.#events,
      matches: this.#detector.matches(),
      kernelKills: this.#killWatch.counts(),
      execJoin: this.#execs.counts(),
    };
    return measureSensor(parts, Date.now());
  }

  #wake(handed: number): void {
    if (handed < EVENTS_PER_TURN) this.#source.rest();
    this.#latestEventMs = Date.now();
    this.#idleMs = 0;
    this.#idleWatch.wake();
  }

  #idle(): void {
    const isQuiet = this.#idleMs >= QUIET_AFTER_MS && !this.#hosts.isBusy;
    const waitMs = isQuiet ? QUIET_MS : IDLE_MS;
    this.#source.idle(waitMs, isQuiet ? 'event' : 'filling');
    this.#idleMs += waitMs;
    if (!this.#idleWatch.idle(waitMs)) return;
    const { max_consecutives: most } = this.#setup.config.syscall_event_timeouts;
    const latest = this.#latestEventMs;
    this.#alerts.push(
      createInternalAlert({
        kind: 'timeouts',
        hostname: this.#start.hostname,
        timeNs: nanoseconds(Date.now()),
        text: `. ${most} consecutive timeouts without event.`,
        fields: { last_event_time: latest === 0 ? 'none' : clockTime(nanoseconds(latest)) },
      }),
    );
  }

  close(): void {
    this.#source.close();
  }

  /** Alerts of one turn go over together. */
  #hand(): void {
    if (this.#alerts.length > 0) {
      this.#port.tell({ kind: 'alerts', alerts: this.#alerts });
      this.#alerts = [];
    }
    // After the alerts that they are about.
    const continuations = this.#stories?.takeContinuations() ?? [];
    if (continuations.length > 0) this.#port.tell({ kind: 'stories', continuations });
  }

  #createStories(): StorySwitch {
    const port = this.#port;
    const stories = new StorySwitch({
      onBug: (error) =>
        port.tell({
          kind: 'note',
          level: 'error',
          text: `an alert goes out without its story: ${stackOf(error)}`,
        }),
    });
    stories.use(this.#setup.config.story);
    return stories;
  }

  /** All is built before anything is changed. */
  #reload(setup: Setup): void {
    const { ruleset, source, kills, report } = prepareRules(setup, this.#hosts.names, this.#start.nodeName);
    if (ruleset !== undefined) {
      this.#lossWatch.configure(setup.config);
      this.#setup = setup;
      this.#idleWatch = new IdleWatch(setup.config.syscall_event_timeouts.max_consecutives);
      this.#purges.intervalMs = purgeIntervalMs(setup.config);
      this.#detector.engine.hold = holdLimits(setup.config);
      this.#detector.engine.sessionHold = sessionHold(setup.config);
      this.#isJoining = isJoining(setup.config);
      this.#execs.limits = { waitMs: setup.config.kubernetes_users.wait_ms };
      const filter = this.#filterFor(ruleset, source);
      // Until the new rules' own filter is in place, the kernel reports what either need.
      this.#source.filter(undefined);
      if (this.#isFiltered && filter === undefined) this.#proc.scanOpenFiles(this.#detector.state.sink);
      this.#detector.replaceRuleset(ruleset);
      this.#profile?.use(ruleset);
      this.#recorder.use(setup.config.capture, this.#detector);
      this.#stories?.use(setup.config.story);
      this.#source.select(this.#wantedSyscalls());
      this.#useFilter(filter);
      this.#killWatch.take(this.#source.takeKills());
      this.#respond(kills);
    }
    this.#port.tell({ kind: 'reloaded', isInUse: ruleset !== undefined, report });
  }

  #createExecJoin(): ExecJoin {
    const engine = (): Detector['engine'] => this.#detector.engine;
    return new ExecJoin(
      {
        container: (id) => this.#detector.state.tables.container(id),
        containers: () => this.#detector.state.tables.containers(),
        hold: (key) => engine().awaitSession(key, performance.now()),
        release: (key) => engine().settleSession(key),
        attach: (id, origin) => this.#detector.state.setAttachment(id, origin),
      },
      { waitMs: this.#setup.config.kubernetes_users.wait_ms },
    );
  }

  #createDetector(ruleset: Ruleset<EventContext>): Detector {
    const profile = this.#profile;
    const stories = this.#stories;
    profile?.use(ruleset);
    const detector: Detector = createDetector(ruleset, {
      setup: this.#setup,
      hostname: this.#start.hostname,
      hold: holdLimits(this.#setup.config),
      sessionHold: sessionHold(this.#setup.config),
      onAlert: (alert, event, rule) => this.#raise(stories?.told(alert, event, rule) ?? alert),
      ...observer(profile, stories),
      onBug: (error) => this.#port.tell({ kind: 'bug', text: stackOf(error) }),
      state: {
        ...this.#containers.hooks,
        onExecSession: (session) => {
          if (this.#isJoining) this.#execs.began(session, performance.now());
        },
        forgetsUnknownCopies: true,
        lookUpProcess: (tid) => {
          this.#source.forgetFds();
          return this.#proc.lookUp(tid, detector.state.sink);
        },
      },
    });
    this.#containers.follow(detector);
    return detector;
  }

  #raise(alert: Alert): void {
    this.#alerts.push(alert);
    this.#recorder.alerted(alert);
  }

  #wantedSyscalls(): readonly string[] {
    const { rules, state } = this.#detector;
    const needs = {
      ofRules: rules.map(({ syscalls }) => syscalls),
      stateCodes: state.wantedCodes(),
      covered: reportable,
    };
    const { watched, notes } = selectSyscalls(needs, this.#setup.config.base_syscalls);
    for (const text of notes) this.#port.tell({ kind: 'note', level: 'warning', text });
    return watched;
  }

  /** Once a second: what was lost since, and threads whose end nobody saw. Gives whether it was time. */
  #care(): boolean {
    const nowMs = Date.now();
    if (nowMs < this.#nextCareMs) return false;
    this.#nextCareMs = nowMs + CARE_MS;
    // Nobody waits for it, and nothing in it can fail but lookups, which are told of.
    void this.#hosts.refresh();
    this.#containers.care();
    this.#recorder.care(nowMs);
    this.#stories?.care(nowMs);
    const { state } = this.#detector;
    state.setTime(Math.floor(nowMs / 1000));
    const limit = this.#purges.take(nowMs, state.tables.threadCount);
    if (limit > 0) {
      state.purge({
        nowSeconds: Math.floor(nowMs / 1000),
        idleSeconds: this.#setup.config.falco_libs.thread_table_auto_purging_thread_timeout_s,
        limit,
        isAlive: (tid) => this.#proc.isAlive(tid),
      });
    }
    const losses = this.#source.losses();
    const lost = Object.values(losses).reduce((sum, count) => sum + count, 0);
    // While the ledger has an open spell, it is known that events are being lost.
    if (lost > this.#lost && !this.#lossWatch.isSpellOpen)
      this.#port.tell({ kind: 'losses', sinceLast: lost - this.#lost, losses });
    this.#lost = lost;
    this.#lossWatch.look(nowMs);
    return true;
  }
}

function observer(
  profile: EventProfile | undefined,
  stories: StorySwitch | undefined,
): Pick<DetectorOptions, 'onEvent'> {
  if (profile === undefined) return stories === undefined ? {} : { onEvent: (event) => stories.take(event) };
  if (stories === undefined) return { onEvent: (event) => profile.observe(event) };
  return {
    onEvent: (event) => {
      profile.observe(event);
      stories.take(event);
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function nanoseconds(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}

function purgeIntervalMs({ falco_libs }: Config): number {
  return falco_libs.thread_table_auto_purging_interval_s * 1_000;
}
