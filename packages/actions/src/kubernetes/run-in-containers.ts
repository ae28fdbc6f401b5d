/** One command in the containers of the alert's pod, one after the other. */

import type { JsonObject } from '@peregrine/base';
import type { ActionOutcome } from '../action.ts';
import { type PodTarget, placeOfPod, podText } from '../targets/pod.ts';
import { NOT_STARTED } from './exec-stream.ts';
import { type ExecResult, KubeFailure, type KubePort } from './kube-port.ts';
import { containersOf, objectMeta } from './object-view.ts';
import { type Failed, outcomeOf } from './outcome-of.ts';

/** What is kept of an output, bytes; and what of it is told, UTF-16 units. */
const MOST_OUTPUT_BYTES = 256 * 1024;
const MOST_TOLD = 4_096;
const MOST_SUMMARY = 200;

export interface CommandRequest {
  readonly target: PodTarget;
  readonly targetUid: string | undefined;
  readonly command: readonly string[];
  /** Only that one; empty: as `which` says. */
  readonly container: string;
  readonly which: 'all' | 'last';
  /** For people: `the command`. */
  readonly what: string;
}

export type FoundPod =
  | { readonly kind: 'pod'; readonly pod: JsonObject; readonly containers: readonly string[] }
  | Extract<ActionOutcome, { readonly kind: 'unchanged' | 'refused' }>;

/** The pod that was looked at, and the containers that are meant. Rejects with a `KubeFailure`. */
export async function podForRun(
  kube: KubePort,
  {
    target,
    targetUid,
    container,
  }: { readonly target: PodTarget; readonly targetUid: string | undefined; readonly container: string },
  signal: AbortSignal,
): Promise<FoundPod> {
  const text = podText(target);
  const pod = await kube.get(placeOfPod(target), signal);
  if (pod === undefined || (targetUid !== undefined && objectMeta(pod).uid !== targetUid))
    return { kind: 'unchanged', reason: `${text} is gone` };
  const containers = containersOf(pod).filter((name) => container === '' || name === container);
  if (containers.length === 0)
    return { kind: 'refused', reason: `${text} has no container \`${container}\`` };
  return { kind: 'pod', pod, containers };
}

/** `done` where it ran in one container at least, whatever its exit code. Rejects with a `KubeFailure`. */
export async function runInContainers(
  kube: KubePort,
  request: CommandRequest,
  signal: AbortSignal,
): Promise<ActionOutcome> {
  const { target, command, which, what } = request;
  const found = await podForRun(kube, request, signal);
  if (found.kind !== 'pod') return found;
  const containers = which === 'all' ? found.containers : found.containers.slice(-1);
  const ran: { readonly container: string; readonly result: ExecResult }[] = [];
  const failed: { readonly container: string; readonly outcome: Failed }[] = [];
  for (const container of containers) {
    const { namespace, name: pod } = target;
    const exec = { namespace, pod, container, command, mostBytes: MOST_OUTPUT_BYTES };
    try {
      ran.push({ container, result: await kube.exec(exec, signal) });
    } catch (error) {
      failed.push({ container, outcome: failureOf(error, podText(target)) });
    }
  }
  const last = ran.at(-1);
  const [first] = failed;
  if (last === undefined) return first?.outcome ?? { kind: 'refused', reason: 'there is no container' };
  const told = ran.map(({ container, result }) => `\`${container}\`: ${resultText(result)}`);
  const not = failed.map(({ container, outcome }) => `not in \`${container}\`: ${reasonOf(outcome)}`);
  return {
    kind: 'done',
    summary: `ran ${what} in ${podText(target)}: ${[...told, ...not].join('; ')}`,
    changes: ran.map(({ container }) => ({
      object: podText(target),
      part: `container ${container}`,
      after: `ran ${what}`,
    })),
    results: {
      exit_code: last.result.exitCode ?? null,
      stdout: textOf(last.result.stdout, MOST_TOLD),
      stderr: textOf(last.result.stderr, MOST_TOLD),
      failed_containers: failed.length,
    },
  };
}

/** A program that a container has not will not be there later either. */
export function failureOf(error: unknown, target: string): Failed {
  const outcome = outcomeOf(error, target);
  const isStarted = !(error instanceof KubeFailure && error.reason === NOT_STARTED);
  return isStarted ? outcome : { kind: 'refused', reason: outcome.reason };
}

function resultText({ exitCode, stdout, stderr }: ExecResult): string {
  const code = exitCode === undefined ? 'no exit code' : `exit code ${exitCode}`;
  const output =
    textOf(stdout.length > 0 ? stdout : stderr, MOST_SUMMARY)
      .split('\n', 1)[0]
      ?.trim() ?? '';
  return output === '' ? code : `${code}, ${JSON.stringify(output)}`;
}

function reasonOf(outcome: Failed): string {
  return outcome.reason;
}

export function textOf(bytes: Uint8Array, most: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').slice(0, most);
}
