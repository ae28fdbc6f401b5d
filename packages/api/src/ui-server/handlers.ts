/** What the server of the web interface asks of whoever answers the operations of the contract. */

import type { z } from 'zod';
import type { ContentAnswer, OperationName, Operations, Role } from '../contract/index.ts';

/** Who asks. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  readonly via: 'open' | 'link' | 'password' | 'oidc' | 'basic';
  /** IP address. */
  readonly address: string;
}

type Parsed<T> = T extends z.ZodType ? z.infer<T> : undefined;
type Part<K extends OperationName, P extends 'query' | 'body'> = Operations[K] extends {
  readonly [_ in P]: infer S;
}
  ? Parsed<S>
  : undefined;

export interface ApiRequest<K extends OperationName> {
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Part<K, 'query'>;
  readonly body: Part<K, 'body'>;
  readonly caller: Caller;
  /** The last id that a reader of a stream has got. */
  readonly lastEventId: string | undefined;
  /** Aborted when whoever asked has gone. */
  readonly signal: AbortSignal;
}

/** An answer that is not JSON, sent as it comes. */
export interface ContentReply {
  readonly contentType: string;
  readonly fileName?: string;
  /** Waits for the reader: what it does not take is not asked for. */
  readonly body: AsyncIterable<string | Uint8Array>;
}

export type AnswerOf<K extends OperationName> = Operations[K]['answer'] extends ContentAnswer
  ? ContentReply
  : Parsed<Operations[K]['answer']>;

export type Handler<K extends OperationName> = (request: ApiRequest<K>) => Promise<AnswerOf<K>>;

/** Answered by the server itself, from `AccountRecords`. */
export type SessionOperation =
  | 'getSession'
  | 'signIn'
  | 'signOut'
  | 'changePassword'
  | 'listOwnSessions'
  | 'endOtherSessions'
  | 'listUsers'
  | 'addUser'
  | 'changeUser'
  | 'removeUser'
  | 'endSessions'
  | 'listAuditLog';

export type ApiHandlers = { readonly [K in Exclude<OperationName, SessionOperation>]: Handler<K> };

/** Thrown by handlers: an answer that says what is wrong. Anything else that is thrown is a bug, and answered with 500. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly places: readonly { readonly message: string; readonly line?: number; readonly column?: number }[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      readonly hint?: string;
      readonly places?: ApiError['places'];
      readonly retryAfterSeconds?: number;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = more.hint;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.places = more.places ?? [];
  }
}
