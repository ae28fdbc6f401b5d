/** `pods/log`: what a container wrote, all or the end of it, and what it goes on to write. */

import type { ServerResponse } from 'node:http';
import { documentAt, documentsAt, type JsonDocument, textAt } from '../document.ts';
import type { ObjectApi } from '../objects/object-api.ts';
import { pods } from '../objects/resource-types.ts';
import type { ContainerPlace, LogLine, PodRuntime } from '../pods/pod-runtime.ts';
import { badRequest } from '../status.ts';
import type { Answer } from './answers.ts';
import { isTrue } from './request-info.ts';

/** The container that a request means. Throws a 400 where that is not clear, or it is not there. */
export function containerOf(pod: JsonDocument, query: URLSearchParams): ContainerPlace {
  const name = textAt(pod, 'metadata', 'name');
  const own = documentsAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name'));
  const added = [
    ...documentsAt(pod, 'spec', 'initContainers'),
    ...documentsAt(pod, 'spec', 'ephemeralContainers'),
  ].map((container) => textAt(container, 'name'));
  const asked = query.get('container') ?? '';
  const container = asked === '' ? (own[0] ?? '') : asked;
  if (asked === '' && own.length > 1) {
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${own.join(' ')}]`);
  }
  if (![...own, ...added].includes(container))
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return { namespace: textAt(pod, 'metadata', 'namespace'), pod: name, container };
}

export function answerLog(
  { api, runtime }: { readonly api: ObjectApi; readonly runtime: PodRuntime },
  pod: JsonDocument,
  query: URLSearchParams,
): Answer {
  const place = containerOf(pod, query);
  checkStarted(pod, place);
  return {
    kind: 'stream',
    contentType: 'text/plain',
    begin: (response) => {
      writeLog(runtime, place, query, response);
      // What is followed ends with the container.
      const stop = api.store.listen((event) => {
        if (event.resource !== pods || !isSamePod(event.object, pod)) return;
        if (event.type === 'DELETED' || hasEnded(event.object, place)) response.end();
      });
      response.once('close', stop);
    },
  };
}

function isSamePod(a: JsonDocument, b: JsonDocument): boolean {
  return textAt(a, 'metadata', 'uid') === textAt(b, 'metadata', 'uid');
}

function hasEnded(pod: JsonDocument, { container }: ContainerPlace): boolean {
  const status = documentsAt(pod, 'status', 'containerStatuses').find(
    (known) => textAt(known, 'name') === container,
  );
  return documentAt(status, 'state').terminated !== undefined;
}

function checkStarted(pod: JsonDocument, { container, pod: name }: ContainerPlace): void {
  const statuses = [
    ...documentsAt(pod, 'status', 'containerStatuses'),
    ...documentsAt(pod, 'status', 'ephemeralContainerStatuses'),
  ];
  const status = statuses.find((known) => textAt(known, 'name') === container);
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  if (status !== undefined && waiting === '') return;
  const reason = waiting === '' ? 'ContainerCreating' : waiting;
  throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
}

function writeLog(
  runtime: PodRuntime,
  place: ContainerPlace,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const hasTimes = query.has('timestamps') && isTrue(query.get('timestamps'));
  let bytesLeft = query.has('limitBytes') ? Number(query.get('limitBytes')) : Number.POSITIVE_INFINITY;
  const write = ({ timeMs, text }: LogLine): void => {
    const time = hasTimes ? `${new Date(timeMs).toISOString()} ` : '';
    const bytes = Buffer.from(`${time}${text}\n`).subarray(0, bytesLeft);
    bytesLeft -= bytes.length;
    response.write(bytes);
    if (bytesLeft <= 0) response.end();
  };
  for (const line of chosenLines(runtime.logOf(place), query)) if (bytesLeft > 0) write(line);
  if (!query.has('follow') || !isTrue(query.get('follow'))) {
    response.end();
    return;
  }
  if (response.writableEnded) return;
  response.once(
    'close',
    runtime.followLog(place, (line) => bytesLeft > 0 && write(line)),
  );
}

function chosenLines(lines: readonly LogLine[], query: URLSearchParams): readonly LogLine[] {
  const sinceSeconds = query.get('sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const fromMs =
    sinceSeconds !== null
      ? Date.now() - Number(sinceSeconds) * 1_000
      : sinceTime === null
        ? 0
        : Date.parse(sinceTime);
  const recent = lines.filter(({ timeMs }) => timeMs >= fromMs);
  const tail = query.get('tailLines');
  return tail === null || Number(tail) < 0 ? recent : recent.slice(Math.max(0, recent.length - Number(tail)));
}
