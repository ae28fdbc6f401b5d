/** Everything that the process that acts on this machine can do. */

import type { Deed } from '../deed.ts';
import { block, unblock } from './block.ts';
import { disableUser, enableUser } from './disable-user.ts';
import { freeze, thaw, thawGroup } from './freeze.ts';
import { greet } from './greet.ts';
import { kill } from './kill.ts';
import { look } from './look.ts';
import { quarantine, release } from './quarantine.ts';
import { run } from './run.ts';

export const deedRoster: readonly Deed[] = [
  look,
  greet,
  kill,
  freeze,
  thaw,
  thawGroup,
  run,
  block,
  unblock,
  disableUser,
  enableUser,
  quarantine,
  release,
];
