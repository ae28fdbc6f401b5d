export { createHostNameFields } from './fd-host-names.ts';
export { createSilentHostNames, HostNames, type LookUpHost, type WatchedHost } from './host-names.ts';
export { createSyscallSource, type SyscallSourceOptions } from './syscall-source.ts';
