/**
 * The responder in the hub: it reads alerts from the journal, which keeps them until they were decided about, and tells of
 * what it does. Rules are read again when their files change.
 */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ActionPorts,
  type AdditionalContext,
  actionNamed,
  type OrderAnswer,
  openSqliteLedger,
  protectionTexts,
  Responder,
  type ResponsePlan,
  type RunPage,
  type RunQuery,
  type RunRecord,
  rulesFor,
} from '@peregrine/actions';
import type { HubAlert, StoredAlert } from '@peregrine/alert';
import type { HubRoutes, MetricFamily } from '@peregrine/api';
import type { Diagnostic } from '@peregrine/base';
import type { JournalConsumer, JournalRecord } from '@peregrine/journal';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import type { HubLog } from '../hub/hub-log.ts';
import { REPLAYED } from '../hub/replay-orders.ts';
import { PathWatch } from '../reload/path-watch.ts';
import { ApprovalTokens, approvalLink } from './approval-token.ts';
import { alertFrom, explainResponse } from './explain.ts';
import { FORWARD_PATH, type ForwardOptions, forwardAlerts, takeForwarded } from './forward-alerts.ts';
import type { Leadership } from './leadership.ts';
import { Notifier } from './notifier.ts';
import { readResponseFiles } from './read-response.ts';
import { responseFamilies } from './response-metrics.ts';
import type { ResponseExplanation, ResponsePort, ResponseStatus } from './response-port.ts';
import { RESPONSE_SOURCE } from './run-alert.ts';
import { responderSettings } from './settings-of.ts';

export interface ResponseServiceOptions {
  readonly config: HubConfig;
  readonly plan: ResponsePlan;
  /** Of the journal; the ledger is beside it. */
  readonly folder: string;
  readonly consumer: JournalConsumer;
  /** Where the journal went on when it was opened. */
  readonly startSeq: number;
  /** As the journal's records have it. */
  readonly journalClockMs: () => number;
  readonly decode: (payload: Uint8Array) => StoredAlert | undefined;
  /** Delivers an alert to these outputs. */
  readonly deliver: (alert: HubAlert, to: readonly string[]) => Promise<{ readonly kind: string }>;
  readonly ports: ActionPorts;
  readonly dryPorts: ActionPorts;
  /** Of the hub's configuration, by the name of a section. */
  readonly storeSettings: (section: string) => Readonly<Record<string, unknown>>;
  readonly closePorts: () => Promise<void>;
  readonly contextOf: (
    context: AdditionalContext,
    alert: HubAlert,
    signal: AbortSignal,
  ) => Promise<Readonly<Record<string, string>>>;
  /** `undefined`: there is no other hub that may act. */
  readonly leadership: Leadership | undefined;
  /** Puts alerts into the journal that another hub handed over; resolves to whether it took them. */
  readonly keep: (alerts: readonly HubAlert[]) => Promise<boolean>;
  /** How hubs reach each other. */
  readonly transport: Pick<ForwardOptions, 'isTls' | 'authorities'>;
  readonly postEvent: (run: RunRecord, signal: AbortSignal) => Promise<void>;
  readonly log: HubLog;
}

const READ = { mostRecords: 500, mostBytes: 4 * 1024 * 1024 };
/** How often what was decided goes to the disk, and the place in the journal moves on. */
const SETTLE_MS = 200;
const PAUSE_MS = 1_000;
const STOP_MS = 10_000;
/** Marks of alerts that people do not want to hear of. */
const SILENCED = 'silence ';
/** Field of alerts that stand for others, which were looked at. */
const HELD_FIELD = 'hub.held';

interface Wanted {
  readonly alert: HubAlert;
  readonly ageMs: number;
}

export class ResponseService implements ResponsePort {
  readonly #options: ResponseServiceOptions;
  readonly #responder: Responder;
  readonly #notifier: Notifier;
  readonly #watch: PathWatch | undefined;
  readonly #stopping = new AbortController();
  readonly #following: Promise<void>;
  readonly #settling: NodeJS.Timeout;
  #doneSeq: number | undefined;
  #settledCount = 0;
  #rulesText = '';

  /** Throws a `Fault` where the ledger or the key of approvals cannot be used. */
  constructor(options: ResponseServiceOptions) {
    this.#options = options;
    const { config, plan, folder, log, ports } = options;
    const tokens = ApprovalTokens.open(folder);
    const origin = originOf(config);
    this.#notifier = new Notifier({
      postEvent: options.postEvent,
      outputs: config.outputs.map(({ sink }) => sink.name),
      deliver: options.deliver,
      linkOf: ({ id, approval }) =>
        origin === undefined || approval === undefined
          ? undefined
          : approvalLink(origin, tokens.create(id, approval.expiresMs)),
      log,
      nowMs: Date.now,
      newId: randomUUID,
    });
    this.#responder = new Responder(plan, {
      settings: responderSettings(config.settings),
      ledger: openSqliteLedger({
        path: join(folder, 'response.db'),
        mostRuns: config.settings.response.keep,
      }),
      ports,
      dryPorts: options.dryPorts,
      contextOf: options.contextOf,
      storeSettings: options.storeSettings,
      notify: (run, names) => this.#notifier.tell(run, names),
      log: (level, message) => log(level, message),
      actionNamed,
      nowMs: Date.now,
      monotonicMs: () => performance.now(),
      newId: randomUUID,
      random: Math.random,
    });
    this.#responder.progress.onChange((run) => this.#logRun(run));
    this.#watch = this.#watchRules();
    this.#settling = setInterval(() => this.#settle(), SETTLE_MS);
    this.#following = this.#follow();
  }

  status(): ResponseStatus {
    const { config } = this.#options;
    const responder = this.#responder;
    const { isDryRun, protections } = responderSettings(config.settings);
    const election = this.#options.leadership?.election;
    const countByState: Record<string, number> = {};
    for (const { state, count } of responder.progress.endedCount.values())
      countByState[state] = (countByState[state] ?? 0) + count;
    return {
      isDryRun,
      rules: responder.plan.rules.map((rule) => ({
        name: rule.name,
        description: rule.description,
        isDryRun: isDryRun || rule.isDryRun,
        place: placeOf(rule.span),
        matches: rule.parts.map(({ text }) => text),
        actions: rule.steps.map(({ name, action, needsApproval }) => ({
          ...{ name, actionner: action.name, needsApproval, canBeUndone: action.undo !== undefined },
        })),
        ...responder.countsOf(rule.name),
      })),
      limits: responder.limits,
      protections: protectionTexts(protections),
      countByState,
      waitingCount: responder.runs({ states: ['waiting'], limit: 1_000 }).runs.length,
      isLeading: election?.isLeading ?? true,
      leader: election?.leader,
      kubernetesTrouble: undefined,
      hostTrouble: undefined,
    };
  }

  runs(query: RunQuery): RunPage {
    return this.#responder.runs(query);
  }

  run(id: string): RunRecord | undefined {
    return this.#responder.runNamed(id);
  }

  async approve(id: string, by: string): Promise<OrderAnswer> {
    return this.#responder.approve(id, by);
  }

  async deny(id: string, by: string): Promise<OrderAnswer> {
    return this.#responder.deny(id, by);
  }

  undo(id: string, by: string): Promise<OrderAnswer> {
    return this.#responder.undo(id, by);
  }

  explain(alertJson: string): ResponseExplanation | { readonly problem: string } {
    const alert = alertFrom(alertJson);
    if ('problem' in alert) return alert;
    const responder = this.#responder;
    const { dryrun } = this.#options.config.settings.response;
    return explainResponse(
      responder.plan,
      alert,
      (rule, step) => responder.draft(alert, rule).find((own) => own.step.step === step)?.whyNot,
      dryrun,
    );
  }

  onChange(listener: (run: RunRecord) => void): () => void {
    return this.#responder.progress.onChange(listener);
  }

  /** What other hubs send to this one; empty where it is the only one. */
  get ofHubs(): NonNullable<HubRoutes['ofHubs']> {
    const { leadership, keep } = this.#options;
    if (leadership === undefined) return new Map();
    const { secret } = leadership;
    return new Map([
      [FORWARD_PATH, (body, authorization) => takeForwarded(body, authorization, secret, keep)],
    ]);
  }

  metrics(): readonly MetricFamily[] {
    return responseFamilies({
      responder: this.#responder,
      toldCount: this.#notifier.toldCount,
      lagCount: this.#options.consumer.lagCount,
    });
  }

  /** Before outputs stop, so that they are told of what ends now. */
  async stop(): Promise<void> {
    this.#watch?.close();
    this.#stopping.abort();
    await this.#following;
    await this.#options.leadership?.election.stop();
    clearInterval(this.#settling);
    this.#settle();
    await this.#responder.stop(STOP_MS);
    await this.#notifier.settled();
    await this.#options.closePorts();
  }

  async #follow(): Promise<void> {
    const { consumer, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const records = await consumer.read(READ, signal);
        const wanted: Wanted[] = [];
        for (const record of records) {
          const alert = alertToActOn(this.#options.decode(record.payload));
          if (alert !== undefined) wanted.push({ alert, ageMs: this.#ageOf(alert, record) });
        }
        await this.#actOrHandOver(wanted, signal);
        const last = records.at(-1);
        if (last !== undefined && !signal.aborted) this.#doneSeq = last.seq + 1;
      } catch (error) {
        log('error', `responses wait: ${error instanceof Error ? error.message : String(error)}`);
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
        await consumer.rewind(this.#doneSeq);
      }
    }
  }

  /** Until this hub or the one that acts has them. */
  async #actOrHandOver(wanted: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const { leadership, transport, log, config } = this.#options;
    const { election, secret } = leadership ?? {};
    const { maxage } = config.settings.response;
    let isTold = false;
    while (!signal.aborted) {
      if (election === undefined || election.isLeading) {
        for (const { alert, ageMs } of wanted) this.#responder.take(alert, ageMs);
        return;
      }
      const matching = wanted.filter(
        ({ alert, ageMs }) => ageMs <= maxage && rulesFor(this.#responder.plan, alert).length > 0,
      );
      if (matching.length === 0) return;
      const { leader } = election;
      try {
        if (leader === undefined || secret === undefined) throw new Error('no hub acts now');
        const alerts = matching.map(({ alert }) => alert);
        await forwardAlerts(alerts, { leader, secret, ...transport }, signal);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!isTold) log('warning', `Response - ${matching.length} alerts wait: ${reason}`);
        isTold = true;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** How long ago it came in, milliseconds. The journal's clock stands still while the hub is off. */
  #ageOf({ timeNs }: HubAlert, { seq, clockMs }: JournalRecord): number {
    const { startSeq, journalClockMs } = this.#options;
    return seq < startSeq ? Date.now() - Number(timeNs / 1_000_000n) : journalClockMs() - clockMs;
  }

  /** The place in the journal moves on when what was decided before it is on the disk. */
  #settle(): void {
    if (this.#doneSeq === undefined) return;
    if (this.#responder.matchedCount > this.#settledCount) this.#responder.flush();
    this.#settledCount = this.#responder.matchedCount;
    this.#options.consumer.commit(this.#doneSeq);
    this.#doneSeq = undefined;
  }

  #logRun({ state, actionner, target, rule, summary }: RunRecord): void {
    if (state === 'queued' || state === 'begun' || state === 'skipped') return;
    const isBad = state === 'failed' || state === 'unknown' || state === 'refused';
    const about = target === '' ? actionner : `${actionner} on ${target}`;
    this.#options.log(
      isBad ? 'error' : 'info',
      `Response - ${rule} - ${about} - ${state}${summary === '' ? '' : `: ${summary}`}`,
    );
  }

  #watchRules(): PathWatch | undefined {
    const { config, log } = this.#options;
    const { watchrules, rulesfiles } = config.settings.response;
    if (!watchrules) return undefined;
    const watch = new PathWatch({
      onStir: () => this.#reload(),
      onTrouble: (message) => log('warning', message),
    });
    watch.follow(rulesfiles);
    return watch;
  }

  /** Rules that nobody can use change nothing. */
  #reload(): void {
    const { config, log } = this.#options;
    const { plan, diagnostics } = readResponseFiles(config.settings.response.rulesfiles);
    const text = JSON.stringify([plan?.rules.map(textOfRule), diagnostics]);
    if (text === this.#rulesText) return;
    this.#rulesText = text;
    for (const { severity, message, span } of diagnostics)
      log(severity === 'error' ? 'error' : 'warning', `${placeOf(span)}: ${message}`);
    if (plan === undefined) {
      log('error', 'the response rules that were read are not used: those before hold');
      return;
    }
    this.#responder.use(plan);
    log('info', `Response - ${plan.rules.length} rules are in use`);
  }
}

/** `undefined`: nothing is to be done about it. */
function alertToActOn(stored: StoredAlert | undefined): HubAlert | undefined {
  if (stored === undefined) return undefined;
  const { alert, mark } = stored;
  const isWanted =
    alert.source !== RESPONSE_SOURCE &&
    mark !== REPLAYED &&
    mark?.startsWith(SILENCED) !== true &&
    !Object.hasOwn(alert.fields, HELD_FIELD);
  return isWanted ? alert : undefined;
}

/** What tells two readings of a rule apart. */
function textOfRule(rule: ResponsePlan['rules'][number]): unknown {
  const { name, continues, isDryRun, notifiers, parts, steps } = rule;
  return [
    ...[name, continues, isDryRun, notifiers, parts.map(({ text }) => text)],
    steps.map(({ action, output, when, ...step }) => [step, action.name, output?.parameters, when?.text]),
  ];
}

function placeOf(span: Diagnostic['span']): string {
  return span === undefined ? '' : `${span.file}:${span.start.line}`;
}

/** Where people open the web interface; `undefined`: there is none. */
function originOf({ settings: { ui } }: HubConfig): string | undefined {
  if (!ui.enabled) return undefined;
  if (ui.publicurl !== '') return new URL(ui.publicurl).origin;
  const host = ui.listenaddress === '' ? '127.0.0.1' : ui.listenaddress;
  return `http${ui.certfile === '' ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${ui.listenport}`;
}
