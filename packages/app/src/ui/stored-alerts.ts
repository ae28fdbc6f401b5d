/** What the commands about stored alerts and users work with. */

export { type ExportRequest, exportFrom } from './export-alerts-file.ts';
export { type FoundStore, findStore, openStore } from './find-store.ts';
export { type ImportCounts, importAlerts, remoteTarget, storeTarget } from './import-alerts.ts';
export { changeUsers, listUsers, type UserChange, type UserSummary } from './user-records.ts';
