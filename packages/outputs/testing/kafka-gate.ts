/**
 * What librdkafka's broker has not: TLS, and users who prove who they are. Stands before it, lets nobody through who did
 * not, and has clients find the broker behind it through itself.
 */

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type AddressInfo,
  connect,
  createServer as createPlainServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificates } from './certificates.ts';

const SASL_HANDSHAKE = 17;
/** What a broker can do it tells everybody. */
const API_VERSIONS = 18;
const SASL_AUTHENTICATE = 36;
const SASL_FAILED = 58;
const HOST = '127.0.0.1';

export interface KafkaGate {
  readonly port: number;
  /** `PLAIN hub`, `SCRAM-SHA-256 hub`: who was let in, once for each connection. */
  readonly letIn: readonly string[];
  close(): void;
}

export interface KafkaGateOptions {
  /** `HOST:PORT` of the broker. */
  readonly broker: string;
  readonly user?: { readonly name: string; readonly password: string };
  readonly certificates?: Certificates;
}

export async function openKafkaGate(options: KafkaGateOptions): Promise<KafkaGate> {
  const { certificates, broker } = options;
  const brokerPort = Number(broker.split(':').at(-1));
  const letIn: string[] = [];
  const sockets = new Set<Socket>();
  let port = 0;
  const take = (near: Socket): void => {
    const far = connect(brokerPort, HOST);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    let proof: Proof | undefined;
    let isKnown = options.user === undefined;
    near.on(
      'data',
      eachFrame((frame) => {
        const { key, body, correlation } = requestOf(frame);
        if (key === SASL_HANDSHAKE) {
          const mechanism = body.toString('utf8', 2, 2 + body.readInt16BE(0));
          proof = proofOf(mechanism, options.user);
          near.write(
            framed(
              correlation,
              Buffer.concat([int16(0), int32(1), int16(mechanism.length), Buffer.from(mechanism)]),
            ),
          );
        } else if (key === SASL_AUTHENTICATE && proof !== undefined) {
          const step = proof.take(compactBytes(body.subarray(1)));
          if (step.isDone) {
            isKnown = true;
            letIn.push(`${proof.mechanism} ${options.user?.name}`);
          }
          near.write(framed(correlation, authenticated(step)));
        } else if (isKnown || key === API_VERSIONS) far.write(frame);
        else near.destroy();
      }),
    );
    far.on(
      'data',
      eachFrame((frame) => near.write(readdressed(frame, brokerPort, port))),
    );
  };
  const server: Server =
    certificates === undefined
      ? createPlainServer(take)
      : createTlsServer(
          {
            cert: readFileSync(certificates.server.cert),
            key: readFileSync(certificates.server.key),
            ca: readFileSync(certificates.authority),
            ...{ requestCert: true, rejectUnauthorized: true },
          },
          take,
        );
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  ({ port } = server.address() as AddressInfo); // It listens on an address.
  return {
    port,
    letIn,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Hands on whole messages, each with its length before it. */
function eachFrame(take: (frame: Buffer) => void): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
      const end = 4 + waiting.readInt32BE(0);
      take(waiting.subarray(0, end));
      waiting = waiting.subarray(end);
    }
  };
}

function requestOf(frame: Buffer): {
  readonly key: number;
  readonly correlation: number;
  readonly body: Buffer;
} {
  const idLength = Math.max(0, frame.readInt16BE(12));
  return {
    key: frame.readInt16BE(4),
    correlation: frame.readInt32BE(8),
    body: frame.subarray(14 + idLength),
  };
}

function framed(correlation: number, body: Buffer): Buffer {
  return Buffer.concat([int32(4 + body.length), int32(correlation), body]);
}

/** In the answers of a broker, the gate's port in place of its own. */
function readdressed(frame: Buffer, from: number, to: number): Buffer {
  const wanted = Buffer.concat([Buffer.from(HOST), int32(from)]);
  const changed = Buffer.from(frame);
  for (let at = changed.indexOf(wanted); at >= 0; at = changed.indexOf(wanted, at + 1))
    changed.writeInt32BE(to, at + HOST.length);
  return changed;
}

/** Short ones only: their length is one byte. */
function compactBytes(bytes: Buffer): string {
  const length = bytes[0] ?? 0;
  const isLong = length > 127;
  const size = isLong ? (length & 127) + ((bytes[1] ?? 0) << 7) - 1 : length - 1;
  return bytes.toString('utf8', isLong ? 2 : 1, (isLong ? 2 : 1) + size);
}

function compact(text: string): Buffer {
  const size = Buffer.byteLength(text) + 1;
  const head = size > 127 ? Buffer.of((size & 127) | 128, size >> 7) : Buffer.of(size);
  return Buffer.concat([head, Buffer.from(text)]);
}

function authenticated({ answer }: Step): Buffer {
  const error = answer === undefined ? SASL_FAILED : 0;
  // No tags, the error and no text for it, what the mechanism says, no end of the session, no tags.
  return Buffer.concat([
    Buffer.of(0),
    int16(error),
    Buffer.of(0),
    compact(answer ?? ''),
    Buffer.alloc(8),
    Buffer.of(0),
  ]);
}

interface Step {
  /** `undefined`: not let in. */
  readonly answer: string | undefined;
  readonly isDone: boolean;
}
interface Proof {
  readonly mechanism: string;
  take(text: string): Step;
}

const refused: Step = { answer: undefined, isDone: false };

function proofOf(mechanism: string, user: KafkaGateOptions['user']): Proof {
  const hash = mechanism.endsWith('512') ? 'sha512' : 'sha256';
  return mechanism === 'PLAIN'
    ? {
        mechanism,
        take: (text) =>
          text === `\0${user?.name}\0${user?.password}` ? { answer: '', isDone: true } : refused,
      }
    : { mechanism, take: scram(hash, user?.name ?? '', user?.password ?? '') };
}

/** The server's side of RFC 5802, in two steps. */
function scram(hash: 'sha256' | 'sha512', name: string, password: string): (text: string) => Step {
  const iterations = 4_096;
  const salt = Buffer.from('a salt for tests');
  const size = hash === 'sha256' ? 32 : 64;
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  let first = '';
  let offered = '';
  return (text) => {
    if (first === '') {
      first = text.slice('n,,'.length);
      const nonce = /r=([^,]+)/.exec(first)?.[1] ?? '';
      if (!first.startsWith(`n=${name},`)) return refused;
      offered = `r=${nonce}gate,s=${salt.toString('base64')},i=${iterations}`;
      return { answer: offered, isDone: false };
    }
    const [unproven = '', proof = ''] = text.split(',p=');
    const salted = pbkdf2Sync(password, salt, iterations, size, hash);
    const key = hmac(salted, 'Client Key');
    const stored = createHash(hash).update(key).digest();
    const message = `${first},${offered},${unproven}`;
    const signature = hmac(stored, message);
    const wanted = Buffer.from(key.map((byte, i) => byte ^ (signature[i] ?? 0)));
    if (wanted.toString('base64') !== proof) return refused;
    return { answer: `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`, isDone: true };
  };
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
