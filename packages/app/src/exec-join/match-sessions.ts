/**
 * Which request began which session, of those in one pod. Each request begins one process; a session that only one request
 * fits takes it from the others, and so on until nothing follows any more. What is left is ambiguous, unless all that fit
 * are of one user.
 */

import type { ExecRequest } from '@peregrine/sources/feeds';
import type { ExecSession, SessionOrigin } from '@peregrine/state';

export interface PlacedSession {
  readonly session: ExecSession;
  /** Name that the pod gives the container. */
  readonly container: string;
  /** `undefined` where the runtime does not tell. */
  readonly podUid: string | undefined;
}

/** Clocks of API server and node may differ by so much. */
const SKEW_NS = 2_000_000_000n;
/** A runtime under load takes its time between the answer and the process. */
const START_NS = 15_000_000_000n;

export const unknownOrigin: SessionOrigin = Object.freeze({
  ...{ match: 'unknown', kind: 'exec', users: [] },
  ...{ user: undefined, auditId: undefined, sourceIp: undefined, userAgent: undefined },
});

/** Origins in the order of the sessions. `requests` are of execs in the same pod. */
export function matchSessions(
  sessions: readonly PlacedSession[],
  requests: readonly ExecRequest[],
): readonly SessionOrigin[] {
  const fitting = sessions.map((placed) => requests.filter((request) => fits(request, placed)));
  const taken = new Map<ExecRequest, number>();
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [i, all] of fitting.entries()) {
      const [only, ...others] = all;
      if (only === undefined || others.length > 0 || taken.has(only)) continue;
      // Another session that nothing else fits has the same claim.
      if (fitting.some((of, j) => j !== i && of.length === 1 && of[0] === only)) continue;
      taken.set(only, i);
      isChanged = true;
      for (const [j, of] of fitting.entries()) if (j !== i) fitting[j] = of.filter((each) => each !== only);
    }
  }
  return fitting.map((all, i) => originOf(all, all.length === 1 && taken.get(all[0] as ExecRequest) === i));
}

function originOf(fitting: readonly ExecRequest[], isSure: boolean): SessionOrigin {
  const [first] = fitting;
  if (first === undefined) return unknownOrigin;
  const users = [...new Set(fitting.map(({ user }) => user))].sort();
  if (isSure) return { ...knownOrigin(first, 'sure'), auditId: first.auditId };
  // Sessions that share a request: one of them is somebody else's, perhaps of nobody in the audit log.
  if (users.length === 1 && fitting.length > 1) return knownOrigin(first, 'same_user');
  return { ...unknownOrigin, match: 'ambiguous', users };
}

export function knownOrigin(request: ExecRequest, match: SessionOrigin['match']): SessionOrigin {
  const { user, groups, impersonated, kind, sourceIp, userAgent } = request;
  return {
    match,
    user: { name: user, groups, impersonated },
    users: [user],
    kind,
    auditId: undefined,
    sourceIp,
    userAgent,
  };
}

function fits(request: ExecRequest, { session, container, podUid }: PlacedSession): boolean {
  if (request.container !== undefined && request.container !== container) return false;
  if (request.podUid !== undefined && podUid !== undefined && request.podUid !== podUid) return false;
  if (session.startNs < request.askedNs - SKEW_NS) return false;
  // Where only the end was logged, nothing is known of when it was answered.
  const latestNs = request.stageNs + (request.phase === 'open' ? START_NS : SKEW_NS);
  return session.startNs <= latestNs && isCommand(session.argv, request.command);
}

/** The arguments as they were asked for; a script has its interpreter before them, and its path for its name. */
export function isCommand(argv: readonly string[], command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  const at = argv.length - command.length;
  if (at < 0) return false;
  return baseOf(argv[at] ?? '') === baseOf(program) && args.every((arg, i) => argv[at + 1 + i] === arg);
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
