/**
 * How an operation of the API is declared. The server checks requests with these schemas, the OpenAPI document is made from
 * them, and the pages in the browser take their types from them. Nothing here touches Node: browsers read it, too.
 */

import type { z } from 'zod';

export const roles = ['viewer', 'responder', 'admin'] as const;
/** Each may do what the one before may. */
export type Role = (typeof roles)[number];

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Under `/api/v2`; parameters in braces. */
  readonly path: string;
  /** Who may; `anyone`: without being signed in. */
  readonly role: Role | 'anyone';
  readonly doc: string;
  /** Group in the documentation. */
  readonly tag: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType | ContentAnswer;
  /** Answers as errors have them, besides those that every operation has. */
  readonly failures?: Readonly<Record<number, string>>;
}

/** An answer that is not JSON. */
export interface ContentAnswer {
  readonly contentTypes: readonly string[];
}

/** Keeps the exact types of what it is given. */
export function defineOperation<const T extends Operation>(operation: T): T {
  return operation;
}
