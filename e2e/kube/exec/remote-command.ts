/** Commands in containers, whatever protocol their streams come by. */

import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { JsonDocument } from '../document.ts';
import type { AttachCall, ContainerPlace, PodRuntime } from '../pods/pod-runtime.ts';
import { isTrue } from '../server/request-info.ts';
import { internalError, success } from '../status.ts';

/** What a client asked for. */
export interface CommandRequest {
  readonly place: ContainerPlace;
  /** Of `attach`: none. */
  readonly command: readonly string[] | undefined;
  readonly hasStdin: boolean;
  readonly hasStdout: boolean;
  readonly hasStderr: boolean;
  readonly isTty: boolean;
}

/** The streams of one command, as a protocol opened them. Absent: not asked for. */
export interface CommandStreams {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  onResize(listener: (columns: number, rows: number) => void): void;
  readonly signal: AbortSignal;
}

export function commandRequestOf(
  place: ContainerPlace,
  subresource: string,
  query: URLSearchParams,
): CommandRequest {
  return {
    place,
    command: subresource === 'attach' ? undefined : query.getAll('command'),
    hasStdin: query.has('stdin') && isTrue(query.get('stdin')),
    hasStdout: query.has('stdout') && isTrue(query.get('stdout')),
    hasStderr: query.has('stderr') && isTrue(query.get('stderr')),
    isTty: query.has('tty') && isTrue(query.get('tty')),
  };
}

/** Runs it to its end, and gives the status that clients are told at last. */
export async function runCommand(
  runtime: PodRuntime,
  { place, command, isTty }: CommandRequest,
  streams: CommandStreams,
): Promise<JsonDocument> {
  const call = {
    ...place,
    isTty,
    stdin: streams.stdin ?? nothing(),
    stdout: streams.stdout ?? nowhere(),
    stderr: streams.stderr ?? nowhere(),
    onResize: streams.onResize,
    signal: streams.signal,
  };
  try {
    if (command === undefined) {
      await (runtime.attach?.(call) ?? watchOutput(runtime, call));
      return success();
    }
    const exitCode = await runtime.exec({ ...call, command });
    return exitCode === 0 ? success() : exitStatus(command, exitCode);
  } catch (error) {
    return internalError(
      `error executing command in container: ${error instanceof Error ? error.message : error}`,
    ).body;
  }
}

/** Shows what the container writes until the client goes. */
async function watchOutput(runtime: PodRuntime, { stdout, signal, ...place }: AttachCall): Promise<void> {
  const stop = runtime.followLog(place, ({ text }) => stdout.write(`${text}\n`));
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  stop();
}

function exitStatus(command: readonly string[], exitCode: number): JsonDocument {
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command [${command.join(' ')}], exit code ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function nothing(): Readable {
  const stream = new PassThrough();
  stream.end();
  return stream;
}

function nowhere(): Writable {
  const stream = new PassThrough();
  stream.resume();
  return stream;
}
