/** Actions on whatever answers elsewhere. */

import type { Action } from '../action.ts';

export const remoteActions: readonly Action[] = [];
