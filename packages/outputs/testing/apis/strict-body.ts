/** What the interfaces of destinations in this folder have in common: a body that is looked at, and a list of complaints. */

import { type JsonObject, listIn, objectIn, parseObject } from '@peregrine/base';
import type { ReceivedRequest, ReceiverAnswer } from '../http-receiver.ts';

/** An interface that refuses what its documentation does not allow. */
export type StrictApi = (request: ReceivedRequest) => ReceiverAnswer;

/** Collects what is wrong with a body. */
export class Complaints {
  readonly list: string[] = [];

  expect(isRight: boolean, complaint: string): void {
    if (!isRight) this.list.push(complaint);
  }

  /** A text of `least` to `most` UTF-16 units. */
  text(value: unknown, name: string, { least = 0, most = Number.POSITIVE_INFINITY }): void {
    if (typeof value !== 'string') this.list.push(`${name} is no text`);
    else if (value.trim().length < least) this.list.push(`${name} is too short`);
    else if (value.length > most) this.list.push(`${name} is too long: ${value.length}`);
    else if (!value.isWellFormed()) this.list.push(`${name} is no Unicode`);
  }

  word(value: unknown, name: string, words: readonly string[]): void {
    this.expect(words.includes(String(value)), `${name} is \`${String(value)}\``);
  }

  /** No keys but these. */
  keys(value: JsonObject, name: string, known: readonly string[]): void {
    for (const key of Object.keys(value)) this.expect(known.includes(key), `${name} has \`${key}\``);
  }
}

/** Looks at a JSON object; `accepted` and `refused` are statuses. */
export function strictApi(options: {
  readonly accepted: number;
  readonly refused?: number;
  readonly mostBytes?: number;
  /** `application/json` unless stated. */
  readonly contentType?: string;
  readonly look: (body: JsonObject, complaints: Complaints, request: ReceivedRequest) => void;
}): StrictApi {
  const {
    accepted,
    refused = 400,
    mostBytes = Number.POSITIVE_INFINITY,
    contentType = 'application/json',
    look,
  } = options;
  return (request) => {
    const complaints = new Complaints();
    const body = parseObject(request.body);
    complaints.expect(request.method === 'POST', `method ${request.method}`);
    complaints.expect(headerOf(request, 'content-type')?.split(';')[0] === contentType, 'content-type');
    complaints.expect(Buffer.byteLength(request.body) <= mostBytes, 'the body is too large');
    if (body === undefined) complaints.expect(false, 'the body is no object');
    else look(body, complaints, request);
    return complaints.list.length === 0
      ? { status: accepted }
      : { status: refused, body: complaints.list.slice(0, 5).join('; ') };
  };
}

export function headerOf({ headers }: ReceivedRequest, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** The objects of a list; anything else in it is an empty object. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return listIn(value).map((item) => objectIn(item) ?? {});
}
