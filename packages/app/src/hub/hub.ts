/**
 * The hub, put together: journal, outputs, intake, server. Started in this order and stopped in the other one, so that
 * nothing is taken that cannot be kept and nothing is kept that nobody delivers.
 */

import { join } from 'node:path';
import { decodeStored, encodeStored, type StoredAlert } from '@peregrine/alert';
import { type HubRoutes, type HubServer, openHubServer, renderPrometheus } from '@peregrine/api';
import { type RollUp, Router } from '@peregrine/hub';
import { type Journal, lockFolder, openDisk, openJournal } from '@peregrine/journal';
import {
  createTransmitter,
  DeadLetters,
  type HubFacts,
  OutputRunner,
  type SinkSettings,
  StatsdReporter,
  secretHider,
  splitSettings,
} from '@peregrine/outputs/hub';
import { FORWARDED } from '../response/forward-alerts.ts';
import type { ResponseSetup } from '../response/load-response.ts';
import type { ResponseService } from '../response/response-service.ts';
import type { OutputsPort } from '../ui/operations/output-handlers.ts';
import type { LocalSensor } from '../ui/rules/sensor-port.ts';
import { STORE_CONSUMER } from '../ui/store-consumer.ts';
import type { WebInterface } from '../ui/web-interface.ts';
import { type HubConfig, servedPaths } from './config/read-hub-config.ts';
import { DeliveryHistory } from './delivery-history.ts';
import { DeliveryLog } from './delivery-log.ts';
import { HeldAlerts } from './held-alerts.ts';
import type { HubLog } from './hub-log.ts';
import { HubMetrics } from './hub-metrics.ts';
import { Intake } from './intake.ts';
import { forgetOthers, journalReporter, placeNameOf } from './output-places.ts';
import { followReplayOrders } from './replay-orders.ts';
import { statsdTitles } from './statsd-titles.ts';
import { sendTestAlert } from './test-output.ts';
import { serverTlsOf, trustOf } from './trust.ts';

export interface HubOptions {
  readonly config: HubConfig;
  /** Folder of the journal and of the dead letters. */
  readonly folder: string;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: HubLog;
  /** Whether alerts are taken over HTTP. */
  readonly listens: boolean;
  /** Whether the web interface waits until somebody calls for it. */
  readonly isUiLater: boolean;
  /** What is done about alerts; `undefined`: nothing. */
  readonly response: ResponseSetup | undefined;
}

const SEGMENT_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 8 * 1024 * 1024;
const MOST_WAITING_BYTES = 32 * 1024 * 1024;
const CURSOR_INTERVAL_MS = 200;
const REPLAY_INTERVAL_MS = 1_000;
const COLLECT_INTERVAL_MS = 1_000;
/** The responder's place in the journal. */
const RESPONSE_CONSUMER = 'response';
const MANAGED_RULES = 'web-rules.yaml';
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const deadLetterFolder = (folder: string): string => join(folder, 'dead-letters');

export class Hub {
  readonly intake: Intake;
  readonly #options: HubOptions;
  readonly #journal: Journal;
  readonly #outputs: OutputsPort['outputs'];
  readonly #logs: readonly DeliveryLog[];
  readonly #metrics: HubMetrics;
  readonly #release: () => void;
  readonly #decode = createDecoder();
  readonly #replaying = new AbortController();
  readonly #replay: Promise<void>;
  readonly #router: Router | undefined;
  readonly #reporters: readonly StatsdReporter[];
  readonly #collecting: NodeJS.Timeout;
  readonly #held: HeldAlerts;
  readonly #counting: Promise<void>;
  #servers: readonly HubServer[] = [];
  #web: WebInterface | undefined;
  #response: ResponseService | undefined;
  #sensor: LocalSensor | undefined;
  #opening: Promise<void> = Promise.resolve();
  /** What the store may have read: alerts after that are new, whatever it says. */
  readonly #startSeq: number;

  /** Use `startHub`. */
  constructor(options: HubOptions, journal: Journal, release: () => void, metrics: HubMetrics) {
    this.#options = options;
    this.#journal = journal;
    this.#startSeq = journal.nextSeq;
    // From now on alerts are kept for the store, though it opens later.
    if (options.config.settings.ui.enabled) journal.consumer(STORE_CONSUMER);
    this.#release = release;
    this.#metrics = metrics;
    const { config, log, folder } = options;
    const { settings } = config;
    const deadLetters = new DeadLetters(deadLetterFolder(folder), {
      mostLetters: settings.delivery.deadletters,
    });
    const all = config.outputs.flatMap(splitSettings);
    const logs: DeliveryLog[] = [];
    const { routing } = config;
    this.#router = routing && new Router({ ...routing, newUuid: () => crypto.randomUUID() });
    forgetOthers(journal, all, log);
    const hub: HubFacts = {
      version: options.version,
      addedFields: [...Object.keys(config.customFields), ...Object.keys(config.templatedFields)],
      enabledOutputs: config.outputs.map(({ sink }) => sink.title),
    };
    this.#outputs = all.map((output) => {
      const deliveryLog = new DeliveryLog(output.sink.title, log, () => performance.now());
      logs.push(deliveryLog);
      return this.#createOutput(output, hub, deadLetters, deliveryLog);
    });
    this.#logs = logs;
    this.intake = new Intake({
      journal,
      metrics,
      log,
      isDebug: settings.debug,
      nowMs: Date.now,
      router: this.#router,
      keepsStories: settings.ui.enabled,
      monotonicMs: () => performance.now(),
      processing: {
        customFields: config.customFields,
        customTags: settings.customtags,
        templatedFields: config.templatedFields,
        bracketReplacer: settings.bracketreplacer,
        outputFieldFormat: settings.outputfieldformat,
        mostAlertBytes: settings.intake.maxalertbytes,
        newUuid: () => crypto.randomUUID(),
        onTemplateTrouble: (field, why) =>
          log('error', `the template of \`${field}\` does not fit an alert: ${why}`),
      },
    });
    this.#replay = followReplayOrders(
      {
        deadLetters,
        intake: this.intake,
        log,
        mostAlertBytes: settings.intake.maxalertbytes,
        intervalMs: REPLAY_INTERVAL_MS,
      },
      this.#replaying.signal,
    );
    this.#held = new HeldAlerts({ journal, router: this.#router, decode: this.#decode });
    this.#counting = this.#tellOfEarlier();
    this.#collecting = setInterval(() => void this.#collect(performance.now()), COLLECT_INTERVAL_MS);
    this.#reporters = (['statsd', 'dogstatsd'] as const).flatMap((style) => this.#reporterOf(style));
    for (const { runner } of this.#outputs) runner.start();
  }

  /** Ports that it listens on. */
  get ports(): readonly number[] {
    return this.#servers.map(({ port }) => port);
  }

  /** Takes alerts over HTTP from now on. Throws a `Fault` when it cannot listen. */
  async listen(): Promise<void> {
    const { settings } = this.#options.config;
    const { log } = this.#options;
    const { listenaddress: address, tlsserver } = settings;
    const tls = serverTlsOf(settings);
    const moved = tls === undefined ? [] : tlsserver.notlspaths;
    const common = {
      address,
      routes: this.#routes(),
      mostBodyBytes: settings.intake.maxbodybytes,
      onTrouble: (text: string) => log('error', text),
    };
    const paths = servedPaths.filter((path) => !moved.includes(path));
    const first = await openHubServer({ ...common, port: settings.listenport, tls, paths });
    this.#servers = [first];
    if (moved.length > 0) {
      const second = await openHubServer({
        ...common,
        port: tlsserver.notlsport,
        tls: undefined,
        paths: moved,
      });
      this.#servers = [first, second];
    }
    const [port, plainPort] = this.ports;
    const where = `${address}:${port}`;
    if (tls === undefined) log('info', `Falcosidekick is up and listening on ${where}`);
    else if (plainPort === undefined) log('info', `Falcosidekick is up and listening on ${where} with TLS`);
    else
      log(
        'info',
        `Falcosidekick is up and listening on ${where} for TLS and ${address}:${plainPort} for non-TLS`,
      );
  }

  /**
   * Keeps alerts in a store, and shows them. Throws a `Fault` when that cannot be. With a store whose server is away, both
   * begin when it answers: alerts wait in the journal.
   */
  async openWebInterface(sensor?: LocalSensor): Promise<void> {
    this.#sensor = sensor;
    if (!this.#options.config.settings.ui.enabled) return;
    const { log } = this.#options;
    const open = (): Promise<WebInterface> => this.#openWeb(sensor);
    const { isStoreAway, openWebLater } = await import('../ui/open-web-later.ts');
    try {
      this.#web = await open();
    } catch (error) {
      if (isStoreAway(error)) {
        log(
          'error',
          `${error.message}; until it does, alerts wait in the journal, and there is no web interface`,
        );
        this.#opening = openWebLater(open, { signal: this.#replaying.signal, log }).then((web) => {
          this.#web = web;
        });
        return;
      }
      // Nothing is kept for a store that is not there.
      this.#journal.forget(STORE_CONSUMER);
      throw error;
    }
  }

  async #openWeb(sensor: LocalSensor | undefined): Promise<WebInterface> {
    const { config, folder, version, log } = this.#options;
    const { WebInterface } = await import('../ui/web-interface.ts');
    return WebInterface.open({
      ...{ config, folder, version, log },
      response: this.#response,
      consumer: this.#journal.consumer(STORE_CONSUMER),
      startSeq: this.#startSeq,
      intake: this.intake,
      decode: this.#decode,
      sensor,
      managedRules: join(folder, MANAGED_RULES),
      outputs: this.#outputsPort(),
    });
  }

  /** Acts on alerts from now on, where there are rules for that. Throws a `Fault` when it cannot. */
  async openResponse(): Promise<void> {
    const { config, folder, log, response: setup, environment } = this.#options;
    const journal = this.#journal;
    if (setup === undefined) {
      if (journal.consumers.some(({ name }) => name === RESPONSE_CONSUMER)) journal.forget(RESPONSE_CONSUMER);
      return;
    }
    const { openResponse } = await import('../response/open-response.ts');
    this.#response = await openResponse({
      ...{ config, setup, folder, environment, log },
      consumer: journal.consumer(RESPONSE_CONSUMER),
      startSeq: this.#startSeq,
      journalClockMs: () => journal.clockMs,
      decode: this.#decode,
      sensor: () => this.#sensor,
      webUrl: () => this.#web?.url,
      deliver: (alert, to) => this.intake.submit([alert], { to }),
      keep: async (alerts) => {
        const records = alerts.map((alert) => encodeStored(alert, { to: [], mark: FORWARDED }));
        return (await journal.append(records)).kind === 'stored';
      },
    });
  }

  /** Fields of alerts that responses look at. */
  async wantedFields(): Promise<readonly string[]> {
    const { response } = this.#options;
    return response === undefined ? [] : (await import('@peregrine/actions')).fieldsReadBy(response.plan);
  }

  /** File of the changes to rules that are made in the web interface; `undefined`: there is no such interface. */
  get managedRules(): string | undefined {
    const { config, folder } = this.#options;
    return config.settings.ui.enabled ? join(folder, MANAGED_RULES) : undefined;
  }

  #outputsPort(): OutputsPort {
    const { config, folder, environment } = this.#options;
    const journal = this.#journal;
    return {
      outputs: this.#outputs,
      letterFolder: deadLetterFolder(folder),
      journal: {
        get sizeBytes() {
          return journal.sizeBytes;
        },
        mostBytes: config.settings.journal.maxbytes,
      },
      test: async (settings, show, signal) => {
        const outcome = await sendTestAlert({ settings, config, environment, show, signal });
        return outcome.kind === 'delivered'
          ? { isDelivered: true, reason: undefined }
          : { isDelivered: false, reason: outcome.reason };
      },
    };
  }

  /** Takes nothing more, delivers what it can within the limit, and leaves the rest for the next start. */
  async stop(): Promise<void> {
    const { config } = this.#options;
    await Promise.all(this.#servers.map((server) => server.close()));
    clearInterval(this.#collecting);
    this.#replaying.abort();
    await Promise.all([this.#replay, this.#counting, this.#opening]);
    await this.#response?.stop();
    await this.#tell(this.#router?.collect(Number.POSITIVE_INFINITY) ?? []);
    await this.#held.close();
    await Promise.all(this.#outputs.map(({ runner }) => runner.stop(config.settings.delivery.draintimeout)));
    for (const deliveryLog of this.#logs) deliveryLog.flush();
    await this.#web?.close();
    await Promise.all(this.#reporters.map((reporter) => reporter.stop()));
    await this.#journal.close();
    this.#release();
  }

  #reporterOf(style: 'statsd' | 'dogstatsd'): readonly StatsdReporter[] {
    const { config, log } = this.#options;
    const settings = config.settings[style];
    const { forwarder } = settings;
    if (forwarder === undefined) return [];
    const reporter = new StatsdReporter({
      style,
      settings: { ...settings, forwarder },
      read: () => this.#metrics.readings(this.#outputs),
      onTrouble: (reason) => log('error', `${statsdTitles[style]} - ${reason}`),
    });
    return [reporter];
  }

  async #collect(monotonicMs: number): Promise<void> {
    await this.#tell(this.#router?.collect(monotonicMs) ?? []);
    await this.#held.follow(monotonicMs);
  }

  /** Of what was held when the hub was killed. Never rejects. */
  async #tellOfEarlier(): Promise<void> {
    try {
      await this.#tell(await this.#held.count(Date.now(), this.#replaying.signal));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log('error', `held alerts cannot be counted: ${reason}`);
    }
  }

  /** Delivers alerts that tell of those that were held back. */
  async #tell(rollUps: readonly RollUp[]): Promise<void> {
    for (const { alert, to } of rollUps) {
      const appended = await this.intake.submit([alert], { to: to ?? this.#allOutputs() });
      if (appended.kind === 'refused')
        this.#options.log('error', `a count of held alerts is lost: ${appended.reason}`);
    }
  }

  /** Named, so that the alert is not looked at once more. */
  #allOutputs(): readonly string[] {
    return this.#options.config.outputs.map(({ sink }) => sink.name);
  }

  #createOutput(
    settings: SinkSettings,
    hub: HubFacts,
    deadLetters: DeadLetters,
    deliveryLog: DeliveryLog,
  ): OutputsPort['outputs'][number] {
    const { config, environment } = this.#options;
    const isDebug = config.settings.debug;
    const consumer = this.#journal.consumer(placeNameOf(settings));
    const hide = secretHider(settings);
    let isFirst = true;
    // Only the web interface asks.
    const history = config.settings.ui.enabled ? new DeliveryHistory(Date.now) : undefined;
    let lastFailure: { readonly timeMs: number; readonly reason: string } | undefined;
    const runner = new OutputRunner({
      settings,
      feed: consumer,
      transmitter: createTransmitter(settings, {
        hub,
        tls: trustOf(settings, config.settings),
        nowMs: Date.now,
        environment,
        counters: () => this.#metrics.counters(this.#outputs),
        debug: (line) => {
          if (isDebug) deliveryLog.say('debug', line);
        },
        onExchange: ({ method, body }) => {
          if (isFirst && settings.common.maxconcurrentrequests > 0) {
            deliveryLog.say('info', `Max concurrent requests: ${settings.common.maxconcurrentrequests}`);
          }
          isFirst = false;
          if (!isDebug) return;
          deliveryLog.say('debug', hide(`${method} payload: ${Buffer.from(body).toString('utf8')}`));
        },
      }),
      deadLetters,
      decode: this.#decode,
      retry: { firstMs: config.settings.delivery.retryfirst, mostMs: config.settings.delivery.retrymax },
      clockMs: () => this.#journal.clockMs,
      nowMs: Date.now,
      monotonicMs: () => performance.now(),
      random: Math.random,
      onEvent: (event) => {
        history?.note(event);
        if (event.kind !== 'delivered' && event.kind !== 'skipped')
          lastFailure = { timeMs: Date.now(), reason: event.reason };
        deliveryLog.note(event);
      },
    });
    return {
      ...{ runner, settings, sink: settings.sink },
      lostCount: () => consumer.lostCount,
      lastFailure: () => lastFailure,
      history,
    };
  }

  #routes(): HubRoutes {
    return {
      ingest: (body) => this.intake.ingest(body),
      openStream: () => this.intake.openStream(),
      test: () => this.intake.test(),
      ...(this.#response === undefined ? {} : { ofHubs: this.#response.ofHubs }),
      metrics: async () => ({
        status: 200,
        contentType: PROMETHEUS_TYPE,
        body: renderPrometheus([
          ...this.#metrics.families(this.#journal, this.#outputs, this.#router),
          ...(this.#response?.metrics() ?? []),
          ...((await this.#web?.metrics()) ?? []),
        ]),
      }),
    };
  }
}

/** Throws a `Fault` when the folder is in use, a certificate cannot be read or the port is taken. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { config, folder, log } = options;
  const { journal: wanted, prometheus } = config.settings;
  const release = lockFolder(folder);
  const stops: (() => Promise<void> | void)[] = [release];
  try {
    const journal = await openJournal({
      disk: await openDisk(join(folder, 'journal')),
      segmentBytes: Math.min(SEGMENT_BYTES, Math.max(64 * 1024, Math.floor(wanted.maxbytes / 8))),
      mostBytes: wanted.maxbytes,
      whenFull: wanted.whenfull,
      sync:
        wanted.sync === 'always' ? { kind: 'always' } : { kind: 'interval', intervalMs: wanted.syncinterval },
      tailBytes: TAIL_BYTES,
      mostWaitingBytes: MOST_WAITING_BYTES,
      cursorIntervalMs: CURSOR_INTERVAL_MS,
      monotonicMs: () => performance.now(),
      onReport: journalReporter(log),
    });
    stops.push(() => journal.close());
    const metrics = new HubMetrics({ extraLabels: config.extraLabels, mostSeries: prometheus.maxseries });
    const hub = new Hub(options, journal, release, metrics);
    stops.splice(0, stops.length, () => hub.stop());
    await hub.openResponse();
    if (options.listens) await hub.listen();
    if (config.settings.ui.enabled && !options.isUiLater) await hub.openWebInterface();
    // Nothing is kept for a store that nobody looks at.
    if (!config.settings.ui.enabled && journal.consumers.some(({ name }) => name === STORE_CONSUMER))
      journal.forget(STORE_CONSUMER);
    return hub;
  } catch (error) {
    for (const stop of stops.reverse()) await stop();
    throw error;
  }
}

/** Outputs often read the same record, which the journal then keeps once: it is decoded once, too. */
function createDecoder(): (payload: Uint8Array) => StoredAlert | undefined {
  const decoded = new WeakMap<Uint8Array, StoredAlert>();
  return (payload) => {
    const known = decoded.get(payload);
    if (known !== undefined) return known;
    const stored = decodeStored(payload);
    if (stored !== undefined) decoded.set(payload, stored);
    return stored;
  };
}
