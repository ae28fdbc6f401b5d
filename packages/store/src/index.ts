export {
  type AlertFilter,
  type AlertPage,
  type AlertStore,
  type CountedValue,
  type CountsBy,
  type Dimension,
  FilterError,
  type Incident,
  type IncidentCount,
  type IncidentFilter,
  type IncidentPage,
  type IncomingAlert,
  type KeptAlert,
  type PageRequest,
  type Retention,
  type StoreFacts,
  type Timeline,
  type TimelineRequest,
  type TriageChange,
  type TriageState,
  type TriageTarget,
  triageStates,
  type WhereClause,
} from './alert-store.ts';
export { createMatcher } from './match-alert.ts';
export type { ConnectionFacts } from './postgres/connect.ts';
export {
  openPostgresRecords,
  openPostgresStore,
  type PostgresStoreOptions,
} from './postgres/postgres-store.ts';
export { Accounts } from './records/accounts.ts';
export { Notes, type StoredNote } from './records/notes.ts';
export { prepareRecords } from './records/prepare-records.ts';
export { type RulesVersionFacts, RulesVersions, type StoredRulesVersion } from './records/rules-versions.ts';
export { MOST_VIEWS, type StoredView, Views } from './records/views.ts';
export { withoutPrefix } from './segments/segment.ts';
export type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './sql/sql-database.ts';
export { openSqliteRecords } from './sqlite/records-file.ts';
export { type Salvage, salvageAlerts } from './sqlite/salvage.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.ts';
