/** Takes readings of a running sensor, on a schedule or when asked, and gives them out as the configuration says. */

import { appendFile } from 'node:fs/promises';
import type { Alert } from '@peregrine/alert';
import type { HttpServer } from '@peregrine/api';
import { parseDuration } from '@peregrine/base';
import { createInternalAlert, encodeJsonFields } from '@peregrine/outputs';
import type { Config } from '../config/config.ts';
import type { Measurement } from '../detection/measure/measurement.ts';
import type { MeasuredFeed } from '../feeds/feed-fleet.ts';
import type { Log } from '../log.ts';
import type { RuleFile } from '../rules/rule-files.ts';
import { referenceVersions } from '../versions.ts';
import { readMachineUsage } from './machine-usage.ts';
import { type ProgramFacts, readProgramFacts } from './program-facts.ts';
import { countsOf, type EarlierCounts, type Reading } from './reading.ts';
import { metricFamilies, snapshotFields } from './roster.ts';

/** The part of detection that is reported on. */
export interface ReportedDetection {
  readonly hostname: string;
  readonly measure: () => Promise<Measurement>;
  readonly measureFeeds: () => Promise<readonly MeasuredFeed[]>;
  readonly outputs: () => { readonly droppedCount: number; readonly waitingCount: number };
  readonly alert: (alert: Alert) => void;
  readonly log: Log;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What is in use since the latest load. */
export interface ReportedSetup {
  readonly config: Config;
  readonly ruleFiles: readonly RuleFile[];
  readonly configFiles: readonly string[];
}

export class Reporter {
  readonly #detection: ReportedDetection;
  readonly #startMs: number;
  #config: Config;
  #facts: ProgramFacts;
  #server: HttpServer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #earlier: EarlierCounts | undefined;
  #sampleCount = 0;

  private constructor(detection: ReportedDetection, setup: ReportedSetup, startMs: number) {
    this.#detection = detection;
    this.#startMs = startMs;
    this.#config = setup.config;
    this.#facts = readProgramFacts(startMs, setup);
  }

  /** Throws a `Fault` when the web server cannot listen. */
  static async start(detection: ReportedDetection, setup: ReportedSetup): Promise<Reporter> {
    const startMs = Date.now() - process.uptime() * 1_000;
    const reporter = new Reporter(detection, setup, startMs);
    await reporter.#listen();
    reporter.#schedule();
    return reporter;
  }

  /** Listens anew only if that changes. A server that cannot listen is told of: detection matters more. */
  async use(setup: ReportedSetup): Promise<void> {
    const isSame = JSON.stringify(setup.config.webserver) === JSON.stringify(this.#config.webserver);
    const isServingSame = setup.config.metrics.enabled === this.#config.metrics.enabled;
    this.#config = setup.config;
    this.#facts = readProgramFacts(this.#startMs, setup);
    this.#schedule();
    if (isSame && isServingSame) return;
    await this.#server?.close();
    this.#server = undefined;
    try {
      await this.#listen();
    } catch (error) {
      this.#detection.log('error', `there is no web server now: ${textOf(error)}`);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server?.close();
  }

  async #listen(): Promise<void> {
    const { webserver, metrics } = this.#config;
    if (!webserver.enabled) return;
    const { openHttpServer, serviceRoutes } = await import('@peregrine/api');
    const isServed = metrics.enabled && webserver.prometheus_metrics_enabled;
    this.#server = await openHttpServer({
      address: webserver.listen_address,
      port: webserver.listen_port,
      certificate: webserver.ssl_enabled ? webserver.ssl_certificate : undefined,
      routes: serviceRoutes({
        healthPath: webserver.k8s_healthz_endpoint,
        trouble: () =>
          this.#detection.measure().then(
            () => undefined,
            (error: unknown) => textOf(error),
          ),
        versions: () => ({ ...referenceVersions(), plugin_versions: {} }),
        metrics: isServed ? async () => metricFamilies(await this.#read(), this.#config.metrics) : undefined,
      }),
      onTrouble: (text) => this.#detection.log('warning', `a request could not be answered: ${text}`),
    });
    this.#detection.log('info', `web server: ${this.#server.url}`);
  }

  #schedule(): void {
    clearInterval(this.#timer);
    const { enabled, interval, output_rule, output_file } = this.#config.metrics;
    if (!enabled || (!output_rule && output_file === '')) return;
    this.#timer = setInterval(() => {
      this.#snapshot().catch((error: unknown) =>
        this.#detection.log('error', `there is no snapshot of metrics: ${textOf(error)}`),
      );
    }, parseDuration(interval));
    // Detection keeps the program up, not this.
    this.#timer.unref();
  }

  async #read(): Promise<Reading> {
    const { hostname, environment, outputs, measure, measureFeeds } = this.#detection;
    const [ofKernel, feeds] = await Promise.all([measure(), measureFeeds()]);
    const matches = [...ofKernel.matches, ...feeds.flatMap((feed) => feed.measurement?.matches ?? [])];
    const measurement = { ...ofKernel, matches };
    const { droppedCount, waitingCount } = outputs();
    return {
      measurement,
      feeds,
      usage: readMachineUsage(environment),
      program: this.#facts,
      hostname,
      outputDropCount: droppedCount,
      outputWaitingCount: waitingCount,
      earlier: this.#earlier,
      isMemoryInMb: this.#config.metrics.convert_memory_to_mb,
    };
  }

  async #snapshot(): Promise<void> {
    const { metrics } = this.#config;
    const reading = await this.#read();
    const fields = snapshotFields(reading, metrics);
    this.#earlier = countsOf(reading.measurement);
    this.#sampleCount++;
    if (metrics.output_rule) {
      const { hostname, alert } = this.#detection;
      const timeNs = BigInt(reading.measurement.timeMs) * 1_000_000n;
      alert(createInternalAlert({ kind: 'metrics-snapshot', hostname, timeNs, text: '', fields }));
    }
    if (metrics.output_file !== '') {
      const line = `{"output_fields":${encodeJsonFields(fields)},"sample":${this.#sampleCount}}\n`;
      await appendFile(metrics.output_file, line);
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
