/** Actions on this machine. */

import type { Action } from '../action.ts';
import { capture } from './capture.ts';
import { killProcess } from './kill.ts';

export const hostActions: readonly Action[] = [capture, killProcess];
