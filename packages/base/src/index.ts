export { fromByteText, isAscii, toByteText } from './byte-text.ts';
export {
  type Diagnostic,
  type DiagnosticDeclaration,
  type DiagnosticKind,
  defineDiagnostic,
  type Place,
  type Position,
  type Severity,
  type Span,
  type TrailEntry,
} from './diagnostic.ts';
export { parseDuration } from './duration.ts';
export { Fault } from './fault.ts';
export { type IpAddress, parseIp, renderIp } from './ip-address.ts';
export {
  documentIn,
  type Json,
  type JsonDocument,
  type JsonObject,
  listIn,
  objectIn,
  parseObject,
  textIn,
} from './json.ts';
export { editDistance, nearestName } from './nearest-name.ts';
export { delivered, type Outcome } from './outcome.ts';
export {
  type ConfigNode,
  type ListNode,
  type MapNode,
  mapNode,
  nameOfKind,
  plainOf,
  type ScalarNode,
  scalarNode,
} from './schema/config-node.ts';
export { missingKey, schemaDiagnostics, unknownKey, wrongType } from './schema/diagnostics.ts';
export {
  choice,
  decimal,
  duration,
  flag,
  type Infer,
  integer,
  type JsonSchema,
  type Keys,
  list,
  type ObjectOf,
  type ObjectSchema,
  optional,
  parsedText,
  type ReadContext,
  readTree,
  schema,
  secret,
  text,
  textMap,
  tree,
  url,
  type ValueSchema,
} from './schema/schema.ts';
export { Secret } from './schema/secret.ts';
export { TermCache } from './term-cache.ts';
export { unreachable } from './unreachable.ts';
export type { PrintFormat, ValueType } from './value-type.ts';
