/**
 * The responder in the hub: it reads alerts from the journal, which keeps them until they were decided about, and tells of
 * what it does. Rules are read again when their files change.
 */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type ActionPorts,
  type AdditionalContext,
  actionNamed,
  type OrderAnswer,
  openSqliteLedger,
  platformsOf,
  protectionTexts,
  Responder,
  type ResponsePlan,
  type RunPage,
  type RunQuery,
  type RunRecord,
} from '@peregrine/actions';
import type { HubAlert } from '@peregrine/alert';
import type { HubRoutes, MetricFamily } from '@peregrine/api';
import type { Diagnostic } from '@peregrine/base';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import { PathWatch } from '../reload/path-watch.ts';
import { AlertFeed, type AlertFeedOptions } from './alert-feed.ts';
import { ApprovalTokens, approvalLink } from './approval-token.ts';
import { alertFrom, explainResponse } from './explain.ts';
import { FORWARD_PATH, takeForwarded } from './forward-alerts.ts';
import { Notifier } from './notifier.ts';
import { readResponseFiles } from './read-response.ts';
import { responseFamilies } from './response-metrics.ts';
import type { ResponseExplanation, ResponsePort, ResponseStatus } from './response-port.ts';
import { responderSettings } from './settings-of.ts';

export interface ResponseServiceOptions extends Omit<AlertFeedOptions, 'responder' | 'mostAgeMs'> {
  readonly config: HubConfig;
  readonly plan: ResponsePlan;
  /** Of the journal; the ledger is beside it. */
  readonly folder: string;
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
  /** Puts alerts into the journal that another hub handed over; resolves to whether it took them. */
  readonly keep: (alerts: readonly HubAlert[]) => Promise<boolean>;
  /** Where the web interface is on this machine; `undefined`: nowhere, or not yet. */
  readonly webUrl: () => string | undefined;
  /** Why nothing could be done there when that was last tried; `undefined`: nothing is known to be wrong. */
  readonly kubernetesTrouble: () => string | undefined;
  readonly hostTrouble: () => string | undefined;
  readonly postEvent: (run: RunRecord, signal: AbortSignal) => Promise<void>;
}

const STOP_MS = 10_000;
export class ResponseService implements ResponsePort {
  readonly #options: ResponseServiceOptions;
  readonly #responder: Responder;
  readonly #notifier: Notifier;
  readonly #watch: PathWatch | undefined;
  readonly #feed: AlertFeed;
  #rulesText = '';

  /** Throws a `Fault` where the ledger or the key of approvals cannot be used. */
  constructor(options: ResponseServiceOptions) {
    this.#options = options;
    const { config, plan, folder, log, ports } = options;
    const tokens = ApprovalTokens.open(folder);
    this.#notifier = new Notifier({
      postEvent: options.postEvent,
      outputs: config.outputs.map(({ sink }) => sink.name),
      deliver: options.deliver,
      linkOf: ({ id, approval }) => {
        const url = config.settings.ui.publicurl || options.webUrl();
        return url === undefined || approval === undefined
          ? undefined
          : approvalLink(new URL(url).origin, tokens.create(id, approval.expiresMs));
      },
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
    this.#feed = new AlertFeed({
      ...options,
      responder: this.#responder,
      mostAgeMs: config.settings.response.maxage,
    });
  }

  status(): ResponseStatus {
    const { config } = this.#options;
    const responder = this.#responder;
    const { isDryRun, protections } = responderSettings(config.settings);
    const election = this.#options.leadership?.election;
    const platforms = platformsOf(responder.plan);
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
      waitingCount: responder.approvalCount,
      isLeading: election?.isLeading ?? true,
      leader: election?.leader,
      kubernetesTrouble: platforms.has('kubernetes') ? this.#options.kubernetesTrouble() : undefined,
      hostTrouble: platforms.has('host') ? this.#options.hostTrouble() : undefined,
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
    return explainResponse(responder.plan, alert, (rule) => responder.whyNot(alert, rule), dryrun);
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
    await this.#feed.stop();
    await this.#options.leadership?.election.stop();
    await this.#responder.stop(STOP_MS);
    await this.#notifier.settled();
    await this.#options.closePorts();
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
