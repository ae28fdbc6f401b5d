/** Alerts of a store as text: from its file, or from the hub that runs. */

import { Fault } from '@peregrine/base';
import { type AlertFilter, createMatcher, type KeptAlert, salvageAlerts } from '@peregrine/store';
import type { HubConfig } from '../hub/config/read-hub-config.ts';
import { filterFrom, withFilterErrors } from './filter-query.ts';
import { type FoundStore, type OpenedStore, openStore } from './find-store.ts';
import { alertsText, type ExportFormat, exportText } from './handlers/export-alerts.ts';

export interface ExportRequest {
  readonly format: ExportFormat;
  readonly q: string | undefined;
  readonly text: string | undefined;
  readonly where: readonly string[];
  readonly since: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: number | undefined;
}

export interface ExportPort {
  /** `NAME:PASSWORD`, where a hub asks for one. */
  readonly credentials: string | undefined;
  /** Something that whoever exports should know, such as a part that is damaged. */
  readonly onTrouble: (text: string) => void;
}

/** Throws a `Fault`, or an `ApiError` for what is wrong with the request. */
export async function* exportFrom(
  found: FoundStore,
  request: ExportRequest,
  { credentials, onTrouble }: ExportPort,
): AsyncGenerator<string> {
  let opened: OpenedStore;
  try {
    opened = await openStore(found, onTrouble);
  } catch (error) {
    const { location } = found;
    if (!(error instanceof Fault) || error.code !== 'store-damaged' || location.kind !== 'file') throw error;
    yield* salvaged(location.path, request, error, onTrouble);
    return;
  }
  if (opened.kind === 'running') {
    yield* fromHub(opened.url, request, credentials ?? credentialsIn(found.config));
    return;
  }
  try {
    const { format, limit = Number.POSITIVE_INFINITY } = request;
    const filter = filterOf(request);
    // What is wrong with the filter is told before anything is written.
    await withFilterErrors(opened.store.search(filter, { limit: 1 }));
    yield* exportText(opened.store, filter, { format, limit });
  } finally {
    await opened.close();
  }
}

function filterOf({ format: _, limit: __, where, ...rest }: ExportRequest): AlertFilter {
  return filterFrom({ ...rest, where: [...where] }, Date.now());
}

/** What can still be read of a store that cannot be opened, oldest first. */
async function* salvaged(
  path: string,
  request: ExportRequest,
  why: Fault,
  onTrouble: (text: string) => void,
): AsyncGenerator<string> {
  const matches = await withFilterErrors(Promise.resolve().then(() => createMatcher(filterOf(request))));
  const salvage = salvageAlerts(path);
  onTrouble(`${why.message}; alerts that can be read follow, all of them as new ones`);
  let left = request.limit ?? Number.POSITIVE_INFINITY;
  function* pages(): Generator<readonly KeptAlert[]> {
    for (const alerts of salvage.alerts) {
      const found = alerts.filter(matches).slice(0, left);
      left -= found.length;
      yield found;
      if (left <= 0) return;
    }
  }
  try {
    yield* alertsText(pages(), request.format);
    if (salvage.damagedCount > 0)
      onTrouble(`${salvage.damagedCount} parts of the store cannot be read: their alerts are left out`);
  } finally {
    salvage.close();
  }
}

/** Whoever reads the configuration may be who it names. */
function credentialsIn({ settings: { ui } }: HubConfig): string | undefined {
  const [user] = ui.users;
  return user && `${user.name}:${user.password}`;
}

async function* fromHub(
  url: string,
  { where, ...rest }: ExportRequest,
  credentials: string | undefined,
): AsyncGenerator<string> {
  const address = new URL('/api/v2/alerts/export', url);
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined) address.searchParams.set(name, String(value));
  for (const clause of where) address.searchParams.append('where', clause);
  const headers: Record<string, string> =
    credentials === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  let response: Response;
  try {
    response = await fetch(address, { headers });
  } catch (cause) {
    const reason =
      cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new Fault(
      'export-refused',
      `a hub has the store, and its web interface at \`${url}\` cannot be reached: ${reason}`,
      {
        cause,
        hint: 'set `ui.enabled` for it, or stop it first',
      },
    );
  }
  if (!response.ok || response.body === null) {
    const hint = response.status === 401 ? { hint: 'set PEREGRINE_UI_USER to NAME:PASSWORD' } : {};
    throw new Fault('export-refused', `\`${url}\` refuses: ${problemIn(await response.text())}`, hint);
  }
  yield* response.body.pipeThrough(new TextDecoderStream());
}

function problemIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { readonly error?: unknown };
    return String(error);
  } catch {
    return body.slice(0, 200);
  }
}
