/**
 * Joins who asked, from the audit log, with what runs, from the kernel: requests to run something in a pod, and the
 * sessions of processes that such requests began. Either may come first. Alerts of a session are held until it is known
 * who began it, for a while; what becomes known later holds for what the session does from then on.
 */

import type { ExecRequest } from '@peregrine/sources/feeds';
import type { Container, ExecSession, SessionOrigin } from '@peregrine/state';
import type { JoinCounts } from './join-counts.ts';
import {
  isCommand,
  knownOrigin,
  matchSessions,
  type PlacedSession,
  unknownOrigin,
} from './match-sessions.ts';

export interface ExecJoinPort {
  readonly container: (id: string) => Container | undefined;
  /** All that are known. */
  readonly containers: () => Iterable<Container>;
  /** Alerts of the session are held from now on, and go out. */
  readonly hold: (key: string) => void;
  readonly release: (key: string) => void;
  readonly attach: (containerId: string, origin: SessionOrigin | undefined) => void;
}

export interface ExecJoinLimits {
  /** Alerts of a session wait no longer than this for who began it. */
  readonly waitMs: number;
}

/** Another request of the same kind may be on its way: nothing is sure before. */
const SETTLE_MS = 300;
/** Sessions and requests that are looked at together; clocks of two machines are involved. */
const MEMORY_MS = 120_000;
/** Kubelets close idle connections after so long; an end that was never told of must not last for ever. */
const LONGEST_ATTACHED_MS = 4 * 3_600_000;
const MOST_PODS = 4_096;
const MOST_PER_POD = 256;
/** Of all pods together. */
const MOST_SESSIONS = 32_768;
const MOST_REQUESTS = 32_768;
const MOST_ATTACHMENTS = 4_096;

interface SeenSession {
  readonly session: ExecSession;
  readonly sinceMs: number;
  isHeld: boolean;
  /** Whether its alerts went out before it was known who began it. */
  isLate: boolean;
}

interface SeenRequest {
  readonly request: ExecRequest;
  readonly sinceMs: number;
  /** Whether a session was found for it. */
  isJoined: boolean;
}

interface Pod {
  readonly requests: Map<string, SeenRequest>;
  readonly sessions: SeenSession[];
}

export class ExecJoin {
  readonly #port: ExecJoinPort;
  limits: ExecJoinLimits;
  readonly #pods = new Map<string, Pod>();
  /** Sessions whose pod is not known yet. */
  #homeless: SeenSession[] = [];
  /** Attachments that are open, by audit id. */
  readonly #attached = new Map<string, { readonly request: ExecRequest; readonly sinceMs: number }>();
  /** Containers that somebody is said to be attached to. */
  #shown: ReadonlySet<string> = new Set();
  #nextLookMs = 0;
  readonly #decided = { sure: 0, same_user: 0, attached: 0, ambiguous: 0, unknown: 0, no_pod: 0 };
  readonly #counts = { lateCount: 0, joinedCount: 0, expiredCount: 0, forgottenPodCount: 0 };
  #sessionCount = 0;
  #requestCount = 0;

  constructor(port: ExecJoinPort, limits: ExecJoinLimits) {
    this.#port = port;
    this.limits = limits;
  }

  counts(): JoinCounts {
    return {
      sessions: { ...this.#decided },
      ...this.#counts,
      tables: {
        pods: { size: this.#pods.size, limit: MOST_PODS },
        sessions: { size: this.#sessionCount + this.#homeless.length, limit: MOST_SESSIONS + MOST_PER_POD },
        requests: { size: this.#requestCount, limit: MOST_REQUESTS },
        attachments: { size: this.#attached.size, limit: MOST_ATTACHMENTS },
      },
    };
  }

  began(session: ExecSession, nowMs: number): void {
    session.origin = unknownOrigin;
    this.#port.hold(session.key);
    this.#homeless.push({ session, sinceMs: nowMs, isHeld: true, isLate: false });
    if (this.#homeless.length > MOST_PER_POD) this.#let(this.#homeless.shift());
    this.#nextLookMs = 0;
  }

  asked(requests: readonly ExecRequest[], nowMs: number): void {
    for (const request of requests) {
      if (request.kind === 'attach') this.#attach(request, nowMs);
      else this.#remember(request, nowMs);
    }
    this.#nextLookMs = 0;
  }

  /** After each turn: cheap while there is nothing to do. */
  turn(nowMs: number): void {
    if (nowMs < this.#nextLookMs) return;
    this.#house();
    let isAnyHeld = this.#homeless.length > 0;
    for (const seen of this.#homeless) this.#releaseIfDue(seen, nowMs);
    for (const [key, pod] of this.#pods) {
      this.#forget(key, pod, nowMs);
      this.#match(pod, nowMs);
      isAnyHeld ||= pod.sessions.some(({ isHeld }) => isHeld);
    }
    this.#homeless = this.#homeless.filter(({ sinceMs }) => nowMs - sinceMs < MEMORY_MS);
    this.#reattach(nowMs);
    this.#nextLookMs = nowMs + (isAnyHeld ? 50 : 1_000);
  }

  #remember(request: ExecRequest, nowMs: number): void {
    const { requests } = this.#pod(podKey(request.namespace, request.pod));
    const known = requests.get(request.auditId);
    // The end tells nothing that the beginning did not.
    if (known?.request.phase === 'open') return;
    if (known === undefined) {
      const oldest = requests.keys().next();
      if (requests.size >= MOST_PER_POD && !oldest.done) this.#expire(requests, oldest.value);
      this.#requestCount++;
    }
    requests.set(request.auditId, { request, sinceMs: nowMs, isJoined: known?.isJoined ?? false });
    while (this.#requestCount > MOST_REQUESTS) this.#drop();
  }

  #expire(requests: Map<string, SeenRequest>, id: string): void {
    if (requests.get(id)?.isJoined === false) this.#counts.expiredCount++;
    if (requests.delete(id)) this.#requestCount--;
  }

  /** Sessions go to their pods as soon as the runtime has told which those are. */
  #house(): void {
    this.#homeless = this.#homeless.filter((seen) => {
      const place = placeOf(this.#port.container(seen.session.containerId));
      if (place === undefined) return true;
      if (place === 'no pod') this.#let(seen, 'no_pod');
      else {
        const { sessions } = this.#pod(podKey(place.namespace, place.pod));
        sessions.push(seen);
        this.#sessionCount++;
        if (sessions.length > MOST_PER_POD) this.#shift(sessions);
        while (this.#sessionCount > MOST_SESSIONS) this.#drop();
      }
      return false;
    });
  }

  #match({ sessions, requests }: Pod, nowMs: number): void {
    const placed: PlacedSession[] = sessions.map(({ session }) => {
      const place = placeOf(this.#port.container(session.containerId));
      const known = typeof place === 'object' ? place : undefined;
      return { session, container: known?.container ?? '', podUid: known?.podUid };
    });
    const origins = matchSessions(
      placed,
      [...requests.values()].map(({ request }) => request),
    );
    for (const [i, seen] of sessions.entries()) {
      // A container that is gone has no name any more: what was found before stays.
      if (placed[i]?.container !== '') seen.session.origin = origins[i];
      this.#markJoined(seen, requests);
      this.#releaseIfDue(seen, nowMs);
    }
  }

  #markJoined(seen: SeenSession, requests: ReadonlyMap<string, SeenRequest>): void {
    const { match, user } = seen.session.origin ?? unknownOrigin;
    if (match !== 'sure' && match !== 'same_user') return;
    if (seen.isLate) this.#counts.lateCount++;
    seen.isLate = false;
    for (const found of requests.values()) {
      if (found.isJoined || found.request.user !== user?.name) continue;
      if (!isCommand(seen.session.argv, found.request.command)) continue;
      found.isJoined = true;
      this.#counts.joinedCount++;
    }
  }

  #releaseIfDue(seen: SeenSession, nowMs: number): void {
    const { match } = seen.session.origin ?? unknownOrigin;
    const isKnown = match === 'sure' || match === 'same_user';
    const waitMs = isKnown ? Math.min(SETTLE_MS, this.limits.waitMs) : this.limits.waitMs;
    if (nowMs - seen.sinceMs >= waitMs) this.#let(seen);
  }

  #shift(sessions: SeenSession[]): void {
    const seen = sessions.shift();
    if (seen !== undefined) this.#sessionCount--;
    this.#let(seen);
  }

  #let(seen: SeenSession | undefined, place?: 'no_pod'): void {
    if (seen?.isHeld !== true) return;
    seen.isHeld = false;
    const { match } = seen.session.origin ?? unknownOrigin;
    this.#decided[place ?? match]++;
    seen.isLate = match === 'unknown';
    this.#port.release(seen.session.key);
  }

  #forget(key: string, pod: Pod, nowMs: number): void {
    for (const [id, { sinceMs }] of pod.requests)
      if (nowMs - sinceMs >= MEMORY_MS) this.#expire(pod.requests, id);
    while (pod.sessions[0] !== undefined && nowMs - pod.sessions[0].sinceMs >= MEMORY_MS)
      this.#shift(pod.sessions);
    if (pod.requests.size === 0 && pod.sessions.length === 0) this.#pods.delete(key);
  }

  #pod(key: string): Pod {
    const known = this.#pods.get(key);
    if (known !== undefined) return known;
    if (this.#pods.size >= MOST_PODS) this.#drop();
    const pod: Pod = { requests: new Map(), sessions: [] };
    this.#pods.set(key, pod);
    return pod;
  }

  #drop(): void {
    const oldest = this.#pods.keys().next();
    const pod = oldest.done ? undefined : this.#pods.get(oldest.value);
    if (oldest.done || pod === undefined) return;
    while (pod.sessions.length > 0) this.#shift(pod.sessions);
    for (const id of [...pod.requests.keys()]) this.#expire(pod.requests, id);
    this.#pods.delete(oldest.value);
    this.#counts.forgottenPodCount++;
  }

  #attach(request: ExecRequest, nowMs: number): void {
    if (request.phase === 'ended') this.#attached.delete(request.auditId);
    else if (this.#attached.size < MOST_ATTACHMENTS)
      this.#attached.set(request.auditId, { request, sinceMs: nowMs });
  }

  /** Whoever is attached to a container may have typed what its own processes do. */
  #reattach(nowMs: number): void {
    for (const [id, { sinceMs }] of this.#attached)
      if (nowMs - sinceMs >= LONGEST_ATTACHED_MS) this.#attached.delete(id);
    if (this.#attached.size === 0 && this.#shown.size === 0) return;
    const found = new Map<string, ExecRequest[]>();
    for (const container of this.#port.containers()) {
      const place = placeOf(container);
      if (typeof place !== 'object') continue;
      const requests = [...this.#attached.values()]
        .map(({ request }) => request)
        .filter((request) => isAttachedTo(request, place));
      if (requests.length > 0) found.set(container.id, requests);
    }
    for (const id of this.#shown) if (!found.has(id)) this.#port.attach(id, undefined);
    for (const [id, requests] of found) this.#port.attach(id, attachmentOf(requests));
    this.#shown = new Set(found.keys());
  }
}

function attachmentOf(requests: readonly ExecRequest[]): SessionOrigin {
  const users = [...new Set(requests.map(({ user }) => user))].sort();
  const [first] = requests;
  if (first === undefined || users.length > 1)
    return { ...unknownOrigin, kind: 'attach', match: 'ambiguous', users };
  return { ...knownOrigin(first, 'attached'), auditId: requests.length === 1 ? first.auditId : undefined };
}

interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string | undefined;
  readonly container: string;
}

function isAttachedTo(request: ExecRequest, place: Place): boolean {
  return (
    request.namespace === place.namespace &&
    request.pod === place.pod &&
    (request.container === undefined || request.container === place.container) &&
    (request.podUid === undefined || place.podUid === undefined || request.podUid === place.podUid)
  );
}

/** `undefined`: not known yet. */
function placeOf(container: Container | undefined): Place | 'no pod' | undefined {
  const metadata = container?.metadata;
  if (metadata === undefined) return undefined;
  const { labels } = metadata;
  const namespace = labels['io.kubernetes.pod.namespace'];
  const pod = labels['io.kubernetes.pod.name'];
  if (namespace === undefined || pod === undefined) return 'no pod';
  return {
    namespace,
    pod,
    podUid: labels['io.kubernetes.pod.uid'],
    container: labels['io.kubernetes.container.name'] ?? '',
  };
}

function podKey(namespace: string, pod: string): string {
  return `${namespace}/${pod}`;
}
