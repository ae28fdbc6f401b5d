/** All operations of the API, and the types that they speak of. */

import { alertOperations } from './alerts.ts';
import { sessionOperations } from './session.ts';

export const operations = {
  ...sessionOperations,
  ...alertOperations,
} as const;
export type Operations = typeof operations;
export type OperationName = keyof Operations;

export type {
  Alert,
  AlertDetail,
  FieldValue,
  Incident,
  Note,
  Overview,
  Story,
  StoryEvent,
  StoryProcess,
  StoryTerm,
  Timeline,
  View,
} from './alerts.ts';
export type { FilterQuery, Problem } from './common.ts';
export { type ContentAnswer, type Operation, type Role, roles } from './operation.ts';
export type { AuditEntry, Session, User } from './session.ts';
