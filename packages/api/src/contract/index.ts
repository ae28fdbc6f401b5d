/** All operations of the API, and the types that they speak of. */

import { alertOperations } from './alerts.ts';
import { operationsOperations } from './operations.ts';
import { overviewOperations } from './overview.ts';
import { responseOperations } from './response.ts';
import { ruleOperations } from './rules.ts';
import { sessionOperations } from './session.ts';

export const operations = {
  ...sessionOperations,
  ...alertOperations,
  ...overviewOperations,
  ...ruleOperations,
  ...operationsOperations,
  ...responseOperations,
} as const;
export type Operations = typeof operations;
export type OperationName = keyof Operations;

export type {
  Alert,
  AlertDetail,
  FieldValue,
  Incident,
  Note,
  Story,
  StoryEvent,
  StoryProcess,
  StoryTerm,
  Timeline,
  View,
} from './alerts.ts';
export type { FilterQuery, Finding, Problem } from './common.ts';
export { type ContentAnswer, type Operation, type Role, roles } from './operation.ts';
export type { DeadLetter, Delivery, Output, Sensor, Source } from './operations.ts';
export type { Overview, Unusual } from './overview.ts';
export type { Explanation, LimitUse, ResponseRule, ResponseStatus, Run } from './response.ts';
export type {
  Exception,
  LanguageFacts,
  Proposal,
  Rule,
  RuleDetail,
  RulesFile,
  RulesVersion,
} from './rules.ts';
export {
  type AuditEntry,
  type OidcFailure,
  type OwnSession,
  oidcFailures,
  type Session,
  type User,
} from './session.ts';
