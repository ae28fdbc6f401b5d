/** Requests for operations of the contract: checked in one order for all of them, performed, written into the audit log. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperationName } from '../contract/index.ts';
import type { AccountHandlers } from './account-handlers.ts';
import type { AccountRecords } from './account-records.ts';
import { ApiError, type ApiHandlers } from './handlers.ts';
import { checkCsrfToken, checkOrigin, checkRole, headerOf, parsed } from './request-checks.ts';
import { jsonIn, queryObject } from './request-parts.ts';
import { isContent, sendContent, sendJson } from './responses.ts';
import { type Route, routeOf } from './routes.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { Identity, SignIn } from './sign-in.ts';

export interface ApiRequestsOptions {
  readonly signIn: SignIn;
  readonly cookie: SessionCookie;
  readonly account: AccountHandlers;
  readonly accounts: AccountRecords;
  readonly handlers: ApiHandlers;
  readonly publicHost: string | undefined;
  readonly nowMs: () => number;
}

interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
}

export class ApiRequests {
  readonly #options: ApiRequestsOptions;
  readonly #streams = new Set<AbortController>();

  constructor(options: ApiRequestsOptions) {
    this.#options = options;
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.abort();
  }

  /** `parts`: of the path, behind the root of the API. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    parts: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    const match = routeOf(request.method ?? '', parts);
    if (match.kind === 'none') throw new ApiError(404, 'not-found', 'there is nothing here');
    if (match.kind === 'other-method') {
      response.setHeader('allow', match.methods.join(', '));
      throw new ApiError(405, 'wrong-method', `this takes ${match.methods.join(' and ')}`);
    }
    const { route, params } = match;
    const { operation, name } = route;
    const isChange = operation.method !== 'GET';
    if (isChange) checkOrigin(request, this.#options.publicHost);
    const identity = await this.#options.signIn.identify(request);
    try {
      checkRole(identity, operation.role);
      if (isChange) checkCsrfToken(request, identity);
    } catch (error) {
      if (error instanceof ApiError && identity !== undefined)
        await this.#audit(request, identity, name, params, undefined, error.code);
      throw error;
    }
    const asked = {
      params,
      query: parsed(operation.query, queryObject(query, route.lists)),
      body: operation.body === undefined ? undefined : parsed(operation.body, await jsonIn(request)),
    };
    try {
      await this.#perform(request, response, route, identity, asked);
      if (isChange) await this.#audit(request, identity, name, params, asked.body, 'done');
    } catch (error) {
      if (isChange && error instanceof ApiError)
        await this.#audit(request, identity, name, params, asked.body, error.code);
      throw error;
    }
  }

  async #perform(
    request: IncomingMessage,
    response: ServerResponse,
    { name }: Route,
    identity: Identity | undefined,
    asked: Asked,
  ): Promise<void> {
    const own = await this.#performOwn(request, response, name, identity, asked);
    if (own !== undefined) return sendJson(request, response, own);
    if (identity === undefined) throw new ApiError(401, 'not-signed-in', 'sign in first');
    const gone = new AbortController();
    this.#streams.add(gone);
    response.once('close', () => {
      gone.abort();
      this.#streams.delete(gone);
    });
    const handler = this.#options.handlers[name as keyof ApiHandlers] as (
      request: unknown,
    ) => Promise<unknown>; // Checked by the schemas of that operation.
    const answer = await handler({
      ...asked,
      caller: identity.caller,
      lastEventId: headerOf(request, 'last-event-id'),
      signal: gone.signal,
    });
    if (isContent(answer)) await sendContent(request, response, answer, gone.signal);
    else sendJson(request, response, answer);
  }

  /** What concerns sessions and users; `undefined` for all else. The bodies were read with the schemas of the operations. */
  async #performOwn(
    request: IncomingMessage,
    response: ServerResponse,
    name: OperationName,
    identity: Identity | undefined,
    asked: Asked,
  ): Promise<unknown> {
    const { account, signIn, cookie } = this.#options;
    const body = asked.body as never;
    const user = asked.params.name ?? '';
    switch (name) {
      case 'getSession':
        return account.session(identity);
      case 'signIn':
        return this.#signIn(request, response, body);
      case 'signOut':
        if (identity !== undefined) await signIn.signOut(identity);
        cookie.clear(response);
        return { ok: true };
      case 'changePassword':
        return identity && account.changePassword(identity, body);
      case 'listOwnSessions':
        return identity && account.listOwnSessions(identity);
      case 'endOtherSessions':
        return identity && account.endOtherSessions(identity);
      case 'listUsers':
        return account.listUsers();
      case 'addUser':
        return account.addUser(body);
      case 'changeUser':
        return account.changeUser(user, body);
      case 'removeUser':
        return account.removeUser(user);
      case 'endSessions':
        return account.endSessions(user);
      case 'listAuditLog':
        return account.auditLog(asked.query as never);
      default:
        return undefined;
    }
  }

  async #signIn(
    request: IncomingMessage,
    response: ServerResponse,
    { name, password }: { readonly name: string; readonly password: string },
  ): Promise<unknown> {
    const { signIn, cookie, account } = this.#options;
    const begun = await signIn.signIn(name, password, request.socket.remoteAddress ?? '');
    if (begun === undefined) throw new ApiError(401, 'wrong-password', 'name or password is wrong');
    await signIn.endSessionOf(request);
    cookie.set(response, begun.token);
    return account.session(begun.identity);
  }

  async #audit(
    request: IncomingMessage,
    identity: Identity | undefined,
    action: OperationName,
    params: Readonly<Record<string, string>>,
    body: unknown,
    outcome: string,
  ): Promise<void> {
    const named =
      body !== undefined && (action === 'signIn' || action === 'addUser')
        ? (body as { readonly name: string }).name // As its schema says.
        : undefined;
    await this.#options.accounts.addAudit({
      timeMs: this.#options.nowMs(),
      user: identity?.caller.name ?? named ?? '',
      address: request.socket.remoteAddress ?? '',
      action,
      target: [...Object.values(params), ...(named === undefined ? [] : [named])].join(' ').slice(0, 256),
      detail: outcome,
    });
  }
}
