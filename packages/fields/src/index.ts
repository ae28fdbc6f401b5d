export { capabilityNames } from './capability-names.ts';
export { createHostNameFields } from './fd-host-names.ts';
export { createSilentHostNames, HostNames, type LookUpHost, type WatchedHost } from './host-names.ts';
export type { JsonEvent } from './json/json-event.ts';
export type { JsonField } from './json/json-field.ts';
export { createJsonSource, type JsonSourceOptions, PLUGIN_EVENT } from './json/json-source.ts';
export { AUDIT_SOURCE_NAME, createAuditSource } from './k8s-audit/audit-source.ts';
export { auditFieldRoster } from './k8s-audit/roster.ts';
export { createSyscallSource, type SyscallSourceOptions } from './syscall-source.ts';
