/**
 * Approval links: whoever has one decides about one run, without being signed in. Looking does nothing, since programs that
 * read mail follow every link. The token is all that counts, so that neither cookie nor origin is looked at.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../read-body.ts';
import type { AccountRecords } from './account-records.ts';
import {
  APPROVAL_STYLE_PATH,
  type ApprovalView,
  approvalPage,
  approvalStyle,
  tooManyPage,
} from './approval-page.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { ApiError } from './handlers.ts';
import { networkOf } from './sign-in.ts';
import { type StaticFile, sendStaticFile, staticFile } from './static-files.ts';

/** Who gives the links out, and what is behind them. */
export interface ApprovalLinks {
  look(token: string): ApprovalView;
  /** `by`: who it was, as it is written down. */
  decide(token: string, decision: 'approve' | 'deny', by: string): Promise<ApprovalView>;
}

export interface ApprovalRequestsOptions {
  readonly links: ApprovalLinks;
  readonly accounts: Pick<AccountRecords, 'addAudit'>;
  readonly nowMs: () => number;
}

/** Below `/`. */
export const APPROVAL_PATH = ['response', 'approve'] as const;

const MOST_BODY_BYTES = 1_024;
const operationOf = { approve: 'approveRun', deny: 'denyRun' } as const;

export class ApprovalRequests {
  readonly #options: ApprovalRequestsOptions;
  readonly #limiter: AttemptLimiter;
  readonly #files: ReadonlyMap<string, StaticFile> = new Map([
    [APPROVAL_STYLE_PATH, staticFile('text/css; charset=utf-8', approvalStyle)],
  ]);

  constructor(options: ApprovalRequestsOptions) {
    this.#options = options;
    this.#limiter = new AttemptLimiter(options.nowMs);
  }

  /** `parts`: of the path, behind that of the links. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    parts: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (parts.length > 0) {
      if (!isRead) throw new ApiError(405, 'wrong-method', 'only GET and HEAD are answered here');
      return sendStaticFile(request, response, this.#files, parts.join('/'));
    }
    if (!isRead && request.method !== 'POST') {
      response.setHeader('allow', 'GET, POST');
      throw new ApiError(405, 'wrong-method', 'this takes GET and POST');
    }
    const address = request.socket.remoteAddress ?? '';
    const network = networkOf(address);
    const pauseMs = this.#limiter.pauseOf(network);
    if (pauseMs > 0) {
      const seconds = Math.ceil(pauseMs / 1_000);
      response.setHeader('retry-after', seconds);
      return send(request, response, tooManyPage(seconds));
    }
    const token = query.get('token') ?? '';
    const view = isRead ? this.#options.links.look(token) : await this.#decide(request, token, address);
    if (view.kind === 'invalid') this.#limiter.fail(network);
    send(request, response, approvalPage(view, token));
  }

  async #decide(request: IncomingMessage, token: string, address: string): Promise<ApprovalView> {
    const { links, accounts, nowMs } = this.#options;
    const decision = await decisionIn(request);
    const view = await links.decide(token, decision, `link ${address}`);
    const target = 'run' in view ? view.run.id : '';
    const isDone = view.kind === 'approved' || view.kind === 'denied';
    await accounts.addAudit({
      ...{ timeMs: nowMs(), user: 'link', address, action: operationOf[decision], target },
      detail: isDone ? 'done' : view.kind,
    });
    return view;
  }
}

/** As the form of the page sends it; without a body, it is approved. Throws an `ApiError` for anything else. */
async function decisionIn(request: IncomingMessage): Promise<'approve' | 'deny'> {
  const body = await readBody(request, MOST_BODY_BYTES);
  if (body.kind === 'too_large') throw new ApiError(413, 'too-large', 'the body is too large');
  if (body.kind !== 'body') throw new ApiError(400, 'aborted', 'the body did not come to its end');
  const text = body.bytes.toString('utf8');
  const decision = text === '' ? 'approve' : new URLSearchParams(text).get('decision');
  if (decision === 'approve' || decision === 'deny') return decision;
  throw new ApiError(400, 'bad-decision', '`decision` is `approve` or `deny`');
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text }: { readonly status: number; readonly text: string },
): void {
  response.statusCode = status;
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(request.method === 'HEAD' ? undefined : text);
}
