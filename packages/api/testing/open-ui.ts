/** A server of the web interface on loopback, with real accounts in SQLite, and requests to it as a hostile client makes them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts, openSqliteRecords, prepareRecords } from '@peregrine/store';
import { operations, type Role } from '../src/contract/index.ts';
import type { ApiHandlers, Caller } from '../src/ui-server/handlers.ts';
import { hashPassword } from '../src/ui-server/passwords.ts';
import { openUiServer, type UiServer, type UiServerOptions } from '../src/ui-server/ui-server.ts';
import type { UpstreamPorts } from '../src/ui-server/upstream.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Texts and bytes are sent as they are, all else as JSON. */
  readonly body?: unknown;
}

/** Headers of a browser that signed in: the cookie, and the token against forged requests. */
export type SignedIn = Readonly<Record<'cookie' | 'x-csrf-token', string>>;

export const PASSWORD = 'correct horse battery';

/** One for all users, as computing it takes a while. */
const passwordHash = hashPassword(PASSWORD);

export interface OpenUi {
  readonly server: UiServer;
  readonly accounts: Accounts;
  /** Operations that came through to whoever answers them. */
  readonly reached: { readonly name: string; readonly caller: Caller }[];
  /** What was posted in the manner of Falcosidekick-UI. */
  readonly events: string[];
  readonly troubles: string[];
  readonly clock: { nowMs: number };
  send(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** Bytes as they are, and what is answered until the connection ends. */
  sendRaw(bytes: string | Uint8Array): Promise<string>;
  addUser(name: string, role: Role): Promise<void>;
  signIn(name: string, sent?: Sent): Promise<SignedIn>;
  close(): Promise<void>;
}

export async function openUi(over: Partial<UiServerOptions> = {}): Promise<OpenUi> {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-ui-'));
  const { records, close: closeRecords } = openSqliteRecords(join(folder, 'alerts.db'));
  await prepareRecords(records);
  const accounts = new Accounts(records);
  const reached: OpenUi['reached'] = [];
  const events: string[] = [];
  const troubles: string[] = [];
  const clock = { nowMs: Date.parse('2026-11-26T10:00:00Z') };
  const server = await openUiServer({
    ...{
      address: '127.0.0.1',
      port: 0,
      tls: undefined,
      staticFolder: undefined,
      publicUrl: undefined,
      oidc: undefined,
    },
    ...{ isOpen: false, hasDefaultPassword: false, version: '1.2.3', accounts },
    handlers: handlersThatTell(reached),
    upstream: upstreamThatTells(events),
    nowMs: () => clock.nowMs,
    onTrouble: (text) => troubles.push(text),
    ...over,
  });

  function send(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Reply> {
    const bytes =
      body === undefined || typeof body === 'string' || body instanceof Uint8Array
        ? body
        : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const asked = request(
      {
        ...{ host: '127.0.0.1', port: server.port, method, path },
        headers: {
          ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
          ...(bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) }),
          ...headers,
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(bytes);
    return promise;
  }

  function sendRaw(bytes: string | Uint8Array): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const parts: Buffer[] = [];
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
    return promise;
  }

  async function addUser(name: string, role: Role): Promise<void> {
    await accounts.addUser({
      ...{ name, role, source: 'password', passwordHash: await passwordHash },
      ...{ createdMs: clock.nowMs, lastSeenMs: undefined, isDisabled: false },
    });
  }

  async function signIn(name: string, sent: Sent = {}): Promise<SignedIn> {
    const reply = await send('POST', '/api/v2/session', { body: { name, password: PASSWORD }, ...sent });
    if (reply.status !== 200) throw new Error(`${name} is answered with ${reply.status}: ${reply.text}`);
    return {
      cookie: cookiesOf(reply)[0]?.split(';')[0] ?? '',
      'x-csrf-token': String(JSON.parse(reply.text).csrfToken),
    };
  }

  return {
    ...{ server, accounts, reached, events, troubles, clock, send, sendRaw, addUser, signIn },
    close: async () => {
      await server.close();
      closeRecords();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const cookiesOf = ({ headers }: Reply): readonly string[] => headers['set-cookie'] ?? [];

/** Code of the problem that it answers with. */
export const codeOf = ({ text }: Reply): unknown => JSON.parse(text).code;

function handlersThatTell(reached: OpenUi['reached']): ApiHandlers {
  return Object.fromEntries(
    Object.keys(operations).map((name) => [
      name,
      async ({ caller }: { readonly caller: Caller }) => {
        reached.push({ name, caller });
        return {};
      },
    ]),
  ) as unknown as ApiHandlers; // Answers are not looked at.
}

function upstreamThatTells(events: string[]): UpstreamPorts {
  return {
    addEvent: async (json) => {
      events.push(json);
    },
    count: async () => 7,
    countBy: async () => ({ values: [{ value: 'Notice', count: 7 }], total: 7 }),
    search: async () => ({ events: ['{"rule":"R"}'], total: 1 }),
    outputs: async () => ['slack'],
    configuration: () => ({ Credentials: 'ann:*******' }),
    version: () => ({ GitVersion: '1.2.3' }),
  };
}
