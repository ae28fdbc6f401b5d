/** Actions on this machine. */

import type { Action } from '../action.ts';
import { blockAddress } from './block.ts';
import { capture } from './capture.ts';
import { disableUser } from './disable-user.ts';
import { freezeGroup } from './freeze.ts';
import { killProcess } from './kill.ts';
import { quarantineFile } from './quarantine.ts';
import { runProgram } from './run.ts';
import { thawGroup } from './thaw.ts';

export const hostActions: readonly Action[] = [
  capture,
  killProcess,
  freezeGroup,
  thawGroup,
  runProgram,
  blockAddress,
  disableUser,
  quarantineFile,
];
