/** The audit log: what was asked and answered, as `audit.k8s.io/v1` has it, posted in batches to a webhook. */

import { randomUUID } from 'node:crypto';
import type { Decision } from '../access/rbac.ts';
import type { User } from '../access/users.ts';
import { compact, documentAt, type Json, type JsonDocument, textAt } from '../document.ts';
import type { RequestInfo } from './request-info.ts';

export type AuditLevel = 'None' | 'Metadata' | 'Request' | 'RequestResponse';
export type AuditStage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic';

export interface AuditOptions {
  /** Where batches go to; whatever it answers, they are sent once. */
  readonly webhookUrl: string;
  /** For all requests, or chosen for each. Unless set, `Metadata`. */
  readonly level?: AuditLevel | ((info: RequestInfo, user: string) => AuditLevel);
  readonly omitStages?: readonly AuditStage[];
  /** How long events wait for company. Unless set, 20 ms. */
  readonly batchWaitMs?: number;
}

/** What is told of one request, as far as it is known. */
export interface AuditFacts {
  readonly info: RequestInfo;
  readonly user: User;
  readonly userAgent: string;
  readonly sourceIp: string;
  readonly requestObject: Json | undefined;
}

export class AuditLog {
  readonly #options: AuditOptions | undefined;
  #waiting: JsonDocument[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: AuditOptions | undefined) {
    this.#options = options;
  }

  /** Begins to tell of a request. */
  open(facts: AuditFacts): AuditTrail {
    const level = this.#levelOf(facts);
    const omitted: readonly string[] = this.#options?.omitStages ?? [];
    return new AuditTrail(facts, level, (event) => {
      if (level !== 'None' && !omitted.includes(textAt(event, 'stage'))) this.#add(event);
    });
  }

  /** Resolves when all is sent. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#send();
    await this.#sending;
  }

  #levelOf({ info, user }: AuditFacts): AuditLevel {
    if (this.#options === undefined) return 'None';
    const { level = 'Metadata' } = this.#options;
    return typeof level === 'function' ? level(info, user.name) : level;
  }

  #add(event: JsonDocument): void {
    this.#waiting.push(event);
    this.#timer ??= setTimeout(() => this.#send(), this.#options?.batchWaitMs ?? 20);
  }

  #send(): void {
    this.#timer = undefined;
    const items = this.#waiting.splice(0);
    const url = this.#options?.webhookUrl;
    if (items.length === 0 || url === undefined) return;
    const body = JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items });
    const headers = { 'content-type': 'application/json' };
    this.#sending = this.#sending.then(async () => {
      // A webhook that is away misses it, as with API servers that have no more room to keep it.
      await fetch(url, { method: 'POST', headers, body }).then(
        (answer) => answer.arrayBuffer(),
        () => {},
      );
    });
  }
}

export class AuditTrail {
  readonly id: string = randomUUID();
  readonly #facts: AuditFacts;
  readonly #level: AuditLevel;
  readonly #emit: (event: JsonDocument) => void;
  readonly #receivedMs = Date.now();
  decision: Decision | undefined;

  constructor(facts: AuditFacts, level: AuditLevel, emit: (event: JsonDocument) => void) {
    this.#facts = facts;
    this.#level = level;
    this.#emit = emit;
  }

  received(): void {
    this.#emit(this.#event('RequestReceived', {}));
  }

  started(code: number): void {
    this.#emit(this.#event('ResponseStarted', { responseStatus: { metadata: {}, code }, ...this.#sent() }));
  }

  /** `answered`: what was, where it is a document. */
  completed(code: number, answered: JsonDocument | undefined): void {
    const isStatus = textAt(answered, 'kind') === 'Status';
    const { status, message, reason, details } = isStatus ? documentAt(answered) : {};
    const responseStatus = compact({ metadata: {}, status, message, reason, details, code });
    const shown =
      this.#level === 'RequestResponse' && answered !== undefined ? { responseObject: answered } : {};
    this.#emit(this.#event('ResponseComplete', { responseStatus, ...this.#sent(), ...shown }));
  }

  #sent(): JsonDocument {
    const { requestObject } = this.#facts;
    const isShown = ['Request', 'RequestResponse'].includes(this.#level);
    return isShown && requestObject !== undefined ? { requestObject } : {};
  }

  #event(stage: AuditStage, more: JsonDocument): JsonDocument {
    const { info, user, userAgent, sourceIp } = this.#facts;
    const decided = this.decision;
    return compact({
      level: this.#level,
      auditID: this.id,
      stage,
      requestURI: info.uri,
      verb: info.verb,
      user: { username: user.name, groups: user.groups },
      sourceIPs: [sourceIp],
      userAgent,
      objectRef: this.#reference(),
      ...more,
      requestReceivedTimestamp: microTime(this.#receivedMs),
      stageTimestamp: microTime(Date.now()),
      annotations: decided && {
        'authorization.k8s.io/decision': decided.isAllowed ? 'allow' : 'forbid',
        'authorization.k8s.io/reason': decided.reason,
      },
    });
  }

  #reference(): JsonDocument | undefined {
    const { info, requestObject } = this.#facts;
    if (!info.isResource) return undefined;
    const given = (value: string): string | undefined => (value === '' ? undefined : value);
    // The server names a new object after what was sent.
    const sentName = info.subresource === '' ? textAt(requestObject, 'metadata', 'name') : '';
    return compact({
      resource: info.resource,
      namespace: given(info.namespace),
      name: given(info.name || sentName),
      apiGroup: given(info.group),
      apiVersion: info.version,
      subresource: given(info.subresource),
    });
  }
}

/** Microseconds, as `metav1.MicroTime` has them. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
