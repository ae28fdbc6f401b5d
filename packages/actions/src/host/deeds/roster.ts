/** Everything that the process that acts on this machine can do. */

import type { Deed } from '../deed.ts';
import { kill } from './kill.ts';
import { look } from './look.ts';

export const deedRoster: readonly Deed[] = [look, kill];
