/** Actions on this machine. */

import type { Action } from '../action.ts';

export const hostActions: readonly Action[] = [];
