export { createHostNameFields } from './fd-host-names.ts';
export { createSilentHostNames, HostNames, type LookUpHost, type WatchedHost } from './host-names.ts';
export type { AuditEvent, JsonObject } from './k8s-audit/audit-event.ts';
export { AUDIT_SOURCE_NAME, createAuditSource } from './k8s-audit/audit-source.ts';
export { createSyscallSource, type SyscallSourceOptions } from './syscall-source.ts';
