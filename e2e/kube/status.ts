/** What an API server answers when it says no: `metav1.Status`, with the reasons and texts that clients look at. */

import { compact, type Json, type JsonDocument } from './document.ts';
import type { ResourceType } from './objects/resource-types.ts';

/** Thrown anywhere below a request; the server answers with it. */
export class StatusError extends Error {
  readonly code: number;
  readonly body: JsonDocument;
  readonly headers: Readonly<Record<string, string>>;

  constructor(facts: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details?: JsonDocument;
    readonly headers?: Readonly<Record<string, string>>;
  }) {
    super(facts.message);
    this.name = 'StatusError';
    this.code = facts.code;
    this.headers = facts.headers ?? {};
    this.body = compact({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: facts.message,
      reason: facts.reason === '' ? undefined : facts.reason,
      details: facts.details,
      code: facts.code,
    });
  }
}

/** The kind of an object and where it is, as messages have it. */
type Kind = Pick<ResourceType, 'group' | 'resource' | 'kind'>;

/** `pods`, `deployments.apps`. */
export function qualifiedName({ group, resource }: Pick<Kind, 'group' | 'resource'>): string {
  return group === '' ? resource : `${resource}.${group}`;
}

export function detailsOf(type: Kind, name: string): JsonDocument {
  return compact({
    name: name === '' ? undefined : name,
    group: type.group === '' ? undefined : type.group,
    kind: type.resource,
  });
}

export function notFound(type: Kind, name: string): StatusError {
  const message = `${qualifiedName(type)} "${name}" not found`;
  return new StatusError({ code: 404, reason: 'NotFound', message, details: detailsOf(type, name) });
}

/** For a path that no kind of object has. */
export function noSuchResource(): StatusError {
  const message = 'the server could not find the requested resource';
  return new StatusError({ code: 404, reason: 'NotFound', message, details: {} });
}

export function alreadyExists(type: Kind, name: string): StatusError {
  const message = `${qualifiedName(type)} "${name}" already exists`;
  return new StatusError({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(type, name) });
}

export function conflict(type: Kind, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedName(type)} "${name}": ${why}`;
  return new StatusError({ code: 409, reason: 'Conflict', message, details: detailsOf(type, name) });
}

export function staleVersion(type: Kind, name: string): StatusError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(type, name, why);
}

export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

export function unauthorized(): StatusError {
  return new StatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', message, details: {} });
}

export function unsupportedMediaType(given: string, known: readonly string[]): StatusError {
  const message =
    `the body of the request was in an unknown format - accepted media types include: ${known.join(', ')}` +
    (given === '' ? '' : ` (${given})`);
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message, details: {} });
}

/** A watch or a list that goes on from a version that is forgotten. */
export function expired(message: string): StatusError {
  return new StatusError({ code: 410, reason: 'Expired', message });
}

export function tooManyRequests(
  message: string,
  retryAfterS: number | undefined,
  causes?: readonly JsonDocument[],
): StatusError {
  return new StatusError({
    code: 429,
    reason: 'TooManyRequests',
    message,
    details: compact({ causes, retryAfterSeconds: retryAfterS }),
    headers: retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) },
  });
}

export function internalError(why: string): StatusError {
  return new StatusError({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${why}`,
    details: { causes: [{ message: why }] },
  });
}

/** One thing that is wrong with an object. `value`: what was given; absent where something is missing. */
export interface Flaw {
  readonly field: string;
  readonly kind: 'Required' | 'Invalid' | 'Forbidden' | 'Unsupported' | 'NotFound';
  readonly value?: Json;
  readonly detail: string;
}

const flawTexts: Readonly<Record<Flaw['kind'], string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  Forbidden: 'Forbidden',
  Unsupported: 'Unsupported value',
  NotFound: 'Not found',
};

export function invalid(type: Kind, name: string, flaws: readonly Flaw[]): StatusError {
  const causes = flaws.map(({ field, kind, value, detail }) => {
    const shown = kind === 'Required' || kind === 'Forbidden' ? '' : `: ${JSON.stringify(value ?? null)}`;
    const message = `${flawTexts[kind]}${shown}${detail === '' ? '' : `: ${detail}`}`;
    return { reason: `FieldValue${kind === 'Unsupported' ? 'NotSupported' : kind}`, message, field };
  });
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const told = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${type.group === '' ? type.kind : `${type.kind}.${type.group}`} "${name}" is invalid: ${told}`,
    details: compact({
      name,
      group: type.group === '' ? undefined : type.group,
      kind: type.kind,
      causes,
    }),
  });
}

/** What deletions answer that leave nothing to show. */
export function success(details?: JsonDocument): JsonDocument {
  return compact({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}
