/**
 * Joins who asked, from the audit log, with what runs, from the kernel: requests to run something in a pod, and the
 * sessions of processes that such requests began. Either may come first. Alerts of a session are held until it is known
 * who began it, for a while; what becomes known later holds for what the session does from then on.
 */

import type { ExecRequest } from '@peregrine/sources/feeds';
import type { Container, ExecSession, SessionOrigin } from '@peregrine/state';
import { knownOrigin, matchSessions, type PlacedSession, unknownOrigin } from './match-sessions.ts';

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

interface SeenSession {
  readonly session: ExecSession;
  readonly sinceMs: number;
  isHeld: boolean;
}

interface SeenRequest {
  readonly request: ExecRequest;
  readonly sinceMs: number;
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
  readonly counts = { sessions: 0, requests: 0, forgottenPods: 0 };

  constructor(port: ExecJoinPort, limits: ExecJoinLimits) {
    this.#port = port;
    this.limits = limits;
  }

  began(session: ExecSession, nowMs: number): void {
    this.counts.sessions++;
    session.origin = unknownOrigin;
    this.#port.hold(session.key);
    this.#homeless.push({ session, sinceMs: nowMs, isHeld: true });
    if (this.#homeless.length > MOST_PER_POD) this.#let(this.#homeless.shift());
    this.#nextLookMs = 0;
  }

  asked(requests: readonly ExecRequest[], nowMs: number): void {
    for (const request of requests) {
      this.counts.requests++;
      if (request.kind === 'attach') this.#attach(request, nowMs);
      else
        this.#pod(podKey(request.namespace, request.pod)).requests.set(
          request.auditId,
          // The end tells nothing that the beginning did not.
          this.#known(request) ?? { request, sinceMs: nowMs },
        );
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

  #known(request: ExecRequest): SeenRequest | undefined {
    const known = this.#pods.get(podKey(request.namespace, request.pod))?.requests.get(request.auditId);
    return known?.request.phase === 'open' ? known : undefined;
  }

  /** Sessions go to their pods as soon as the runtime has told which those are. */
  #house(): void {
    this.#homeless = this.#homeless.filter((seen) => {
      const place = placeOf(this.#port.container(seen.session.containerId));
      if (place === undefined) return true;
      if (place === 'no pod') this.#let(seen);
      else {
        const { sessions } = this.#pod(podKey(place.namespace, place.pod));
        sessions.push(seen);
        if (sessions.length > MOST_PER_POD) this.#let(sessions.shift());
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
      this.#releaseIfDue(seen, nowMs);
    }
  }

  #releaseIfDue(seen: SeenSession, nowMs: number): void {
    const { match } = seen.session.origin ?? unknownOrigin;
    const isKnown = match === 'sure' || match === 'same_user';
    const waitMs = isKnown ? Math.min(SETTLE_MS, this.limits.waitMs) : this.limits.waitMs;
    if (nowMs - seen.sinceMs >= waitMs) this.#let(seen);
  }

  #let(seen: SeenSession | undefined): void {
    if (seen?.isHeld !== true) return;
    seen.isHeld = false;
    this.#port.release(seen.session.key);
  }

  #forget(key: string, pod: Pod, nowMs: number): void {
    for (const [id, { sinceMs }] of pod.requests) if (nowMs - sinceMs >= MEMORY_MS) pod.requests.delete(id);
    while (pod.sessions[0] !== undefined && nowMs - pod.sessions[0].sinceMs >= MEMORY_MS)
      this.#let(pod.sessions.shift());
    if (pod.requests.size === 0 && pod.sessions.length === 0) this.#pods.delete(key);
  }

  #pod(key: string): Pod {
    const known = this.#pods.get(key);
    if (known !== undefined) {
      const oldest = known.requests.keys().next();
      if (known.requests.size >= MOST_PER_POD && !oldest.done) known.requests.delete(oldest.value);
      return known;
    }
    if (this.#pods.size >= MOST_PODS) this.#drop();
    const pod: Pod = { requests: new Map(), sessions: [] };
    this.#pods.set(key, pod);
    return pod;
  }

  #drop(): void {
    const oldest = this.#pods.keys().next();
    if (oldest.done) return;
    for (const seen of this.#pods.get(oldest.value)?.sessions ?? []) this.#let(seen);
    this.#pods.delete(oldest.value);
    this.counts.forgottenPods++;
  }

  #attach(request: ExecRequest, nowMs: number): void {
    if (request.phase === 'ended') this.#attached.delete(request.auditId);
    else if (this.#attached.size < MOST_PODS)
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
