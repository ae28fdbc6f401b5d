/** `services/proxy`: requests that the API server hands on to a service of the cluster. */

import type { ObjectApi } from '../objects/object-api.ts';
import { services } from '../objects/resource-types.ts';
import { StatusError } from '../status.ts';
import type { Answer } from './answers.ts';
import type { ResourceRequest } from './resource-handler.ts';

export interface ServiceRequest {
  readonly method: string;
  /** What follows `proxy`, with the query. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** By `namespace/name`. */
export type ServiceHandlers = Map<
  string,
  (request: ServiceRequest) => ServiceAnswer | Promise<ServiceAnswer>
>;

export async function answerProxy(
  api: ObjectApi,
  handlers: ServiceHandlers,
  { info, body, contentType }: ResourceRequest,
): Promise<Answer> {
  // `http:name:port`, `name:port`, `name`.
  const parts = info.name.split(':');
  const name = (parts.length === 3 ? parts[1] : parts[0]) ?? '';
  api.get({ type: services, namespace: info.namespace, name });
  const handler = handlers.get(`${info.namespace}/${name}`);
  if (handler === undefined) {
    const message = `no endpoints available for service "${info.name}"`;
    throw new StatusError({ code: 503, reason: 'ServiceUnavailable', message });
  }
  const query = info.uri.includes('?') ? info.uri.slice(info.uri.indexOf('?')) : '';
  const answered = await handler({
    method: info.method,
    path: `${info.rest === '' ? '/' : info.rest}${query}`,
    contentType,
    body: body.toString('utf8'),
  });
  const type = answered.type ?? 'application/json';
  return { kind: 'bytes', code: answered.status, headers: { 'content-type': type }, bytes: answered.body };
}
