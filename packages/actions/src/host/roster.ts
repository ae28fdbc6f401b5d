/** Actions on this machine. */

import type { Action } from '../action.ts';
import { capture } from './capture.ts';

export const hostActions: readonly Action[] = [capture];
