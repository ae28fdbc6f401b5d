/** `pods/exec` and `pods/attach`: finds the container, then serves the streams over the protocol that the client speaks. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { textAt } from '../document.ts';
import { commandRequestOf, runCommand } from '../exec/remote-command.ts';
import { isSpdy, serveSpdy } from '../exec/spdy-exec.ts';
import { isWebSocket, serveWebSocket } from '../exec/websocket-exec.ts';
import { pods } from '../objects/resource-types.ts';
import { badRequest, noSuchResource, success } from '../status.ts';
import { type Answer, document } from './answers.ts';
import { containerOf } from './pod-logs.ts';
import type { RequestInfo } from './request-info.ts';
import type { ResourceParts } from './resource-handler.ts';

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came after the request's head already. */
  readonly head: Buffer;
}

/** Resolves when the conversation is over. Throws before `begun` is called where there is to be none. */
export async function answerStreaming(
  { api, runtime }: ResourceParts,
  info: RequestInfo,
  upgrade: Upgrade,
  begun: () => void,
): Promise<Answer> {
  const { resource, subresource, namespace, name, query } = info;
  if (resource !== 'pods' || !['exec', 'attach'].includes(subresource)) throw noSuchResource();
  const pod = api.get({ type: pods, namespace, name });
  const phase = textAt(pod, 'status', 'phase');
  if (['Succeeded', 'Failed'].includes(phase)) {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const place = containerOf(pod, query);
  if (textAt(pod, 'spec', 'nodeName') === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const asked = commandRequestOf(place, subresource, query);
  if (asked.command !== undefined && asked.command.length === 0)
    throw badRequest('you must specify at least 1 command for the container');
  if (!asked.hasStdin && !asked.hasStdout && !asked.hasStderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  if (!isWebSocket(upgrade.request) && !isSpdy(upgrade.request)) throw badRequest('Upgrade request required');
  begun();
  const serve = isWebSocket(upgrade.request) ? serveWebSocket : serveSpdy;
  await serve(upgrade, asked, (streams) => runCommand(runtime, asked, streams));
  return document(success());
}
