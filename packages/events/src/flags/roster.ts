/** All flag tables. Compared with the files beside it by a test. */

import type { FlagTable } from './define-flags.ts';
import {
  accessFlags,
  chmodMode,
  closeRangeFlags,
  creatFlags,
  fchownatFlags,
  fcntlCommands,
  fileFlags,
  flockFlags,
  linkatFlags,
  lseekWhence,
  memfdCreateFlags,
  mknodMode,
  newfstatatFlags,
  openat2Flags,
  renameat2Flags,
  spliceFlags,
  unlinkatFlags,
} from './file-flags.ts';
import {
  epollCreate1Flags,
  futexOperations,
  pollFlags,
  semctlCommands,
  semgetFlags,
  semopFlags,
} from './ipc-flags.ts';
import {
  anonInodeFdTypes,
  bpfCommands,
  deleteModuleFlags,
  finitModuleFlags,
  ioUringEnterFlags,
  ioUringRegisterOpcodes,
  ioUringSetupFeats,
  ioUringSetupFlags,
  keyctlOperations,
} from './kernel-flags.ts';
import { mlock2Flags, mlockallFlags, mmapFlags, pfFlags, protFlags } from './memory-flags.ts';
import {
  fsconfigCmds,
  mountFlags,
  quotactlCmds,
  quotactlDqiFlags,
  quotactlQuotaFmts,
  quotactlTypes,
  umountFlags,
} from './mount-flags.ts';
import {
  cloneFlags,
  execveatFlags,
  execveFlags,
  pidfdOpenFlags,
  prctlOptions,
  ptraceRequests,
  rlimitResources,
} from './process-flags.ts';
import { shutdownHow, socketFamilies, sockoptLevels, sockoptOptions } from './socket-flags.ts';

export const flagRoster: readonly FlagTable[] = [
  fileFlags,
  creatFlags,
  accessFlags,
  chmodMode,
  mknodMode,
  flockFlags,
  lseekWhence,
  openat2Flags,
  newfstatatFlags,
  linkatFlags,
  unlinkatFlags,
  fchownatFlags,
  renameat2Flags,
  spliceFlags,
  memfdCreateFlags,
  closeRangeFlags,
  fcntlCommands,
  mountFlags,
  umountFlags,
  fsconfigCmds,
  quotactlCmds,
  quotactlTypes,
  quotactlDqiFlags,
  quotactlQuotaFmts,
  cloneFlags,
  execveFlags,
  execveatFlags,
  prctlOptions,
  ptraceRequests,
  rlimitResources,
  pidfdOpenFlags,
  protFlags,
  mmapFlags,
  mlockallFlags,
  mlock2Flags,
  pfFlags,
  socketFamilies,
  sockoptLevels,
  sockoptOptions,
  shutdownHow,
  pollFlags,
  epollCreate1Flags,
  futexOperations,
  semopFlags,
  semgetFlags,
  semctlCommands,
  bpfCommands,
  keyctlOperations,
  deleteModuleFlags,
  finitModuleFlags,
  ioUringSetupFlags,
  ioUringSetupFeats,
  ioUringEnterFlags,
  ioUringRegisterOpcodes,
  anonInodeFdTypes,
];

const tableByName = new Map(flagRoster.map((table) => [table.name, table]));

/** The table that a parameter declaration names. */
export function flagTable(name: string): FlagTable | undefined {
  return tableByName.get(name);
}
