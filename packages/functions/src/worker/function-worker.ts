/**
 * The process of a function in JavaScript or TypeScript: confines itself, loads the module, and answers one call after
 * the other. Started by the runtime only.
 */

import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import { type CallMessage, CONTROL_FD, type StartMessage, type UnfitMessage } from '../process/messages.ts';
import { encodeFrame, type Frame, FrameReader } from '../process/wire.ts';
import { answerTo, type Handler, handlerOf, tell } from './answer.ts';
import { confineSelf } from './confine-self.ts';
import { PROBE } from './probe.ts';

/** What Node knows of a pipe, and does not document. */
interface Blocking {
  setBlocking?(isBlocking: boolean): void;
}

const MOST_BODY_BYTES = 256 * 2 ** 20;

// Whether it can be loaded was all that was asked.
if (process.argv[2] === PROBE) process.exit();

const control = new Socket({ fd: CONTROL_FD });
const reader = new FrameReader(MOST_BODY_BYTES);
let handler: Handler | undefined;
let start: StartMessage | undefined;

control.on('data', (piece: Buffer) => {
  for (const frame of reader.push(piece) ?? []) void obey(frame);
});
control.on('close', () => process.exit());
control.on('error', () => process.exit());
// A promise that nobody waits for is no reason to end, but to be told of.
process.on('unhandledRejection', tell);
// Who prints more than is read waits, instead of keeping it all.
for (const { _handle } of [process.stdout, process.stderr] as readonly { _handle?: Blocking }[])
  _handle?.setBlocking?.(true);

/** INVARIANT: the first frame starts; each other one comes after the answer to the one before. */
async function obey({ header, body }: Frame): Promise<void> {
  if (start === undefined) {
    start = header as unknown as StartMessage; // The runtime is of the same version as this.
    const unfit = await load(start);
    send(unfit ?? { kind: 'ready', version: `Node ${process.versions.node}`, notes: [] });
    return;
  }
  if (handler === undefined || header.kind !== 'call') return;
  const call = header as unknown as CallMessage; // Likewise.
  const answer = await answerTo(handler, start.context, call, body);
  if (answer.body.length > start.limits.answerBytes) send({ ...answer.done, outcome: 'too_large' });
  else send(answer.done, answer.body);
}

function send(message: object, body?: Uint8Array): void {
  control.write(encodeFrame(message, body));
}

/** Gives why the function cannot be loaded. */
async function load(message: StartMessage): Promise<UnfitMessage | undefined> {
  try {
    confineSelf(message.account, message.limits);
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, message.environment);
    process.chdir(message.home);
  } catch (error) {
    return { kind: 'unfit', reason: `its process cannot be confined: ${textOf(error)}` };
  }
  try {
    handler = handlerOf(await import(pathToFileURL(message.code).href), message.exportName);
  } catch (error) {
    const [, missing] = /^Cannot find (?:package|module) '([^']+)'/.exec(textOf(error)) ?? [];
    if (missing === undefined) tell(error);
    return { kind: 'unfit', reason: textOf(error).slice(0, 1_000), missing: missing ?? null };
  }
  return handler === undefined
    ? { kind: 'unfit', reason: `it exports no function \`${message.exportName}\`` }
    : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error
    ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}`
    : String(error);
}
