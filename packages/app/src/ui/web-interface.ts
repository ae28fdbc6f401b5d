/** The web interface put together: store, its feed from the journal, who may sign in, the server. */

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredAlert } from '@peregrine/alert';
import {
  hashPassword,
  isLoopback,
  isPassword,
  type MetricFamily,
  type OidcOptions,
  openUiServer,
  type UiServer,
  weaknessOf,
} from '@peregrine/api';
import { Fault } from '@peregrine/base';
import type { JournalConsumer } from '@peregrine/journal';
import { operatorRoster } from '@peregrine/lang';
import {
  Accounts,
  type AlertStore,
  createMatcher,
  Notes,
  prepareRecords,
  RulesVersions,
  Views,
} from '@peregrine/store';
import { isRole } from '../hub/config/check-ui.ts';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import type { HubLog } from '../hub/hub-log.ts';
import type { Intake } from '../hub/intake.ts';
import { uiTlsOf } from '../hub/trust.ts';
import { ApprovalTokens } from '../response/approval-token.ts';
import type { ResponsePort } from '../response/response-port.ts';
import { createApprovalLinks } from '../response/ui/approval-links.ts';
import { createResponseHandlers } from '../response/ui/response-handlers.ts';
import { fieldDocs } from './field-docs.ts';
import { filterFrom, withFilterErrors } from './filter-query.ts';
import { createAlertHandlers } from './handlers/alert-handlers.ts';
import { createIncidentHandlers } from './handlers/incident-handlers.ts';
import { streamReply } from './handlers/stream-alerts.ts';
import { createDeliveryHandlers } from './operations/delivery-handlers.ts';
import { createOutputHandlers, type OutputsPort } from './operations/output-handlers.ts';
import { createSensorHandlers } from './operations/sensor-handlers.ts';
import { createOverviewHandlers } from './overview/overview-handlers.ts';
import { findPages } from './pages-folder.ts';
import { RuleBook } from './rules/rule-book.ts';
import { RuleChanges } from './rules/rule-changes.ts';
import { createRuleHandlers } from './rules/rule-handlers.ts';
import type { LocalSensor } from './rules/sensor-port.ts';
import { StoreFeed } from './store-feed.ts';
import { openStoreAt, storeLocation } from './store-location.ts';
import { createTuneHandlers } from './tune/tune-handlers.ts';
import { createUpstreamPorts } from './upstream-ports.ts';

export interface WebInterfaceOptions {
  readonly config: HubConfig;
  /** Of the journal; the store is beside it. */
  readonly folder: string;
  /** The store's place in the journal. */
  readonly consumer: JournalConsumer;
  /** Where the journal went on when it was opened. */
  readonly startSeq: number;
  readonly intake: Intake;
  readonly decode: (payload: Uint8Array) => StoredAlert | undefined;
  readonly version: string;
  readonly log: HubLog;
  /** Of this process; `undefined`: the hub runs alone. */
  readonly sensor: LocalSensor | undefined;
  /** File of the changes to rules. */
  readonly managedRules: string;
  readonly outputs: OutputsPort;
  /** `undefined`: this hub has no response rules. */
  readonly response: ResponsePort | undefined;
}

const RETAIN_INTERVAL_MS = 60_000;
const DRAIN_MS = 5_000;

export class WebInterface {
  readonly #store: AlertStore;
  readonly #feed: StoreFeed;
  readonly #server: UiServer;
  readonly #retaining: NodeJS.Timeout;
  /** Alerts that were removed as too old or too many. */
  removedCount = 0;

  private constructor(options: WebInterfaceOptions, store: AlertStore, feed: StoreFeed, server: UiServer) {
    this.#store = store;
    this.#feed = feed;
    this.#server = server;
    const retain = (): void => void this.#retain(options);
    this.#retaining = setInterval(retain, RETAIN_INTERVAL_MS);
    retain();
  }

  /** Throws a `Fault` when the store cannot be opened (`store-away`: now), nobody could sign in, or the port is taken. */
  static async open(options: WebInterfaceOptions): Promise<WebInterface> {
    const { config, folder, log } = options;
    const { ui } = config.settings;
    const pages = findPages();
    if (pages === undefined)
      log('warning', 'the pages of the web interface were not built: only its API is served');
    const store = await openStoreAt(storeLocation(config, folder), (text) => log('error', text));
    const stops: (() => Promise<void>)[] = [() => store.close()];
    try {
      await prepareRecords(store.records);
      const accounts = new Accounts(store.records);
      await enterUsers(accounts, config);
      const hasUsers = (await accounts.users()).some(({ isDisabled }) => !isDisabled);
      const isOpen = checkAccess(config, hasUsers, log);
      const feed = new StoreFeed({
        store,
        consumer: options.consumer,
        startSeq: options.startSeq,
        feed: journalId(folder),
        decode: options.decode,
        log,
      });
      stops.unshift(() => feed.stop(0));
      const server = await openUiServer({
        address: ui.listenaddress,
        port: ui.listenport,
        tls: uiTlsOf(config.settings),
        staticFolder: pages,
        accounts,
        isOpen,
        hasDefaultPassword: ui.users.some(({ name, password }) => weaknessOf(name, password) !== undefined),
        publicUrl: ui.publicurl === '' ? undefined : new URL(ui.publicurl),
        oidc: oidcOf(config),
        approvals: approvalsOf(options),
        version: options.version,
        nowMs: Date.now,
        onTrouble: (text) => log('error', text),
        ...(await handlersOf(options, store)),
      });
      log('info', `web interface: ${server.url}/`);
      if (!isOpen && !hasUsers && ui.oidc.issuer === '')
        log('info', `open it within ten minutes with ${server.createLink()}`);
      return new WebInterface(options, store, feed, server);
    } catch (error) {
      for (const stop of stops) await stop();
      throw error;
    }
  }

  get port(): number {
    return this.#server.port;
  }

  /** Where it is on this machine, without a slash at the end. */
  get url(): string {
    return this.#server.url;
  }

  /** Without what the store tells while it does not answer. */
  async metrics(): Promise<readonly MetricFamily[]> {
    const feed = this.#feed;
    const facts = await this.#store.facts().catch(() => undefined);
    const family = (name: string, type: 'counter' | 'gauge', doc: string, value: number): MetricFamily => ({
      ...{ name: `peregrine_hub_store_${name}`, type, doc },
      samples: [{ labels: {}, value }],
    });
    return [
      family(
        'queue_alerts',
        'gauge',
        'Alerts in the journal that the store does not have yet.',
        feed.lagCount,
      ),
      family('taken_alerts_total', 'counter', 'Alerts that the store took.', feed.keptCount),
      family('failures_total', 'counter', 'Times that the store took nothing.', feed.failedCount),
      family(
        'lost_alerts_total',
        'counter',
        'Alerts that left the journal before the store took them.',
        feed.lostCount,
      ),
      family('removed_alerts_total', 'counter', 'Alerts that were too old or too many.', this.removedCount),
      ...(facts === undefined
        ? []
        : [
            family('alerts', 'gauge', 'Alerts in the store.', facts.alertCount),
            family('bytes', 'gauge', 'Size of the store.', facts.sizeBytes),
          ]),
    ];
  }

  /** After whatever takes alerts in; before the journal. */
  async close(): Promise<void> {
    clearInterval(this.#retaining);
    await this.#server.close();
    await this.#feed.stop(DRAIN_MS);
    await this.#store.close();
  }

  async #retain({ config, log }: WebInterfaceOptions): Promise<void> {
    const { maxage: maxAgeMs, maxcount: maxCount, maxbytes: maxBytes } = config.settings.ui;
    try {
      this.removedCount += await this.#store.retain({ maxAgeMs, maxCount, maxBytes }, Date.now());
    } catch (error) {
      log('error', `old alerts cannot be removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function handlersOf(options: WebInterfaceOptions, store: AlertStore) {
  const { config, intake } = options;
  const nowMs = Date.now;
  const notes = new Notes(store.records);
  const views = new Views(store.records);
  return {
    handlers: {
      ...createAlertHandlers({
        store,
        notes,
        nowMs,
        fieldDoc: fieldDocs(),
        operators: operatorRoster.map(({ symbol, doc }) => ({ symbol, doc })),
      }),
      ...createIncidentHandlers({ store, notes, views, nowMs }),
      ...createOverviewHandlers(store, nowMs),
      ...(await ruleHandlersOf(options, store, nowMs)),
      ...createOutputHandlers(options.outputs),
      ...createDeliveryHandlers({ store, outputs: options.outputs, intake, nowMs }),
      ...createResponseHandlers({ response: options.response, store }),
      streamAlerts: async ({ query, lastEventId, signal }: StreamRequest) => {
        const matches = await withFilterErrors(
          Promise.resolve().then(() => createMatcher(filterFrom(query, nowMs()))),
        );
        return streamReply({ store, matches, afterId: lastEventId ?? query.after, signal });
      },
    },
    upstream: createUpstreamPorts({
      store,
      intake,
      outputs: config.outputs.map(({ sink }) => sink.name),
      configuration: {
        ListenAddress: config.settings.ui.listenaddress,
        ListenPort: config.settings.ui.listenport,
        Credentials: config.settings.ui.users.map(({ name }) => `${name}:*******`).join(','),
        TTL: config.settings.ui.maxage / 1000,
        DisableAuth: config.settings.ui.users.length === 0,
      },
      mostAlertBytes: config.settings.intake.maxalertbytes,
      nowMs,
    }),
  };
}

/** Whatever has to do with the rules that alerts come from. */
async function ruleHandlersOf(options: WebInterfaceOptions, store: AlertStore, nowMs: () => number) {
  const { changerules: policy, rules: paths, captures: captureFolder } = options.config.settings.ui;
  const managedPath = options.managedRules;
  const sensor = options.sensor?.port;
  const book = await RuleBook.open({ managedPath, sensor, paths });
  // Each hub has files of its own, with histories of their own.
  const location = storeLocation(options.config, options.folder);
  const hub = location.kind === 'server' ? journalId(options.folder) : '';
  const versions = new RulesVersions(store.records, hub);
  const changes = new RuleChanges({ book, versions, sensor, managedPath, policy, nowMs });
  return {
    ...createRuleHandlers({ store, book, changes, versions, sensor, managedPath, captureFolder, nowMs }),
    ...createTuneHandlers({ store, book, changes, nowMs }),
    ...createSensorHandlers({ store, book, sensor, hostname: options.sensor?.hostname, nowMs }),
  };
}

/** Throws a `Fault` when their key cannot be used. */
function approvalsOf({ response, folder }: WebInterfaceOptions) {
  if (response === undefined) return undefined;
  return createApprovalLinks({ response, tokens: ApprovalTokens.open(folder), nowMs: Date.now });
}

type StreamRequest = Parameters<Parameters<typeof openUiServer>[0]['handlers']['streamAlerts']>[0];

/** Whether nobody is asked who they are. Throws a `Fault` where that would let others in. */
function checkAccess({ settings: { ui } }: HubConfig, hasUsers: boolean, log: HubLog): boolean {
  const isLocal = isLoopback(ui.listenaddress);
  const weak = ui.users.flatMap(({ name, password }) => {
    const why = weaknessOf(name, password);
    return why === undefined ? [] : [`\`${name}\`: ${why}`];
  });
  if (weak.length > 0)
    log(
      'warning',
      `the web interface has passwords that everybody can guess (${weak.join(', ')}): choose others`,
    );
  if (hasUsers || ui.oidc.issuer !== '') return false;
  if (isLocal) return !ui.onetimelink;
  throw new Fault(
    'ui-access',
    `the web interface would be open to everybody who reaches \`${ui.listenaddress || 'all addresses'}\``,
    {
      hint: 'set `ui.users` to `NAME:PASSWORD`, or `ui.oidc`, or `peregrine users add`; or `ui.listenaddress` to 127.0.0.1',
    },
  );
}

/** Its settings were checked when the configuration was read. */
function oidcOf({ settings: { ui } }: HubConfig): OidcOptions | undefined {
  const { issuer, clientid, clientsecret, title, scopes, rolesclaim, roles, defaultrole } = ui.oidc;
  if (issuer === '') return undefined;
  return {
    ...{ issuer: new URL(issuer), clientId: clientid, clientSecret: clientsecret.reveal() },
    ...{ title, scopes, rolesClaim: rolesclaim },
    roles: Object.fromEntries(
      Object.entries(roles).flatMap(([group, role]) => (isRole(role) ? [[group, role]] : [])),
    ),
    defaultRole: isRole(defaultrole) ? defaultrole : undefined,
  };
}

/** Users of the configuration as they are there; those that are no longer there cannot sign in. New passwords end sessions. */
async function enterUsers(accounts: Accounts, { settings: { ui } }: HubConfig): Promise<void> {
  const known = await accounts.users();
  for (const { name, source } of known)
    if (source === 'config' && !ui.users.some((user) => user.name === name)) await accounts.removeUser(name);
  for (const { name, password, role } of ui.users) {
    const present = known.find((user) => user.name === name);
    const isSame = await isPassword(present?.passwordHash, password);
    const passwordHash = isSame ? present?.passwordHash : await hashPassword(password);
    if (present === undefined) {
      await accounts.addUser({
        ...{ name, role, source: 'config', passwordHash, createdMs: Date.now() },
        ...{ lastSeenMs: undefined, isDisabled: false },
      });
    } else if (present.source === 'config') {
      await accounts.changeUser(name, { role, passwordHash, isDisabled: false });
      if (!isSame) await accounts.removeSessionsOf(name);
    }
  }
}

/** The same for as long as the journal is the same: with another one, reading begins anew. */
function journalId(folder: string): string {
  const path = join(folder, 'journal', 'id');
  if (!existsSync(path)) writeFileSync(path, `${randomUUID()}\n`, { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}
