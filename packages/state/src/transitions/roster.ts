/** Every family of transitions. */

import { cloneTransitions } from './clone.ts';
import { credentialTransitions } from './credentials.ts';
import { descriptorTransitions } from './descriptors.ts';
import { directoryTransitions } from './directories.ts';
import { enterTransitions } from './enter.ts';
import { execTransitions } from './exec.ts';
import { exitTransitions } from './exit.ts';
import { limitTransitions } from './limits.ts';
import { memoryTransitions, switchTransitions } from './memory.ts';
import { messageTransitions } from './messages.ts';
import { metaTransitions } from './meta.ts';
import { openTransitions } from './open.ts';
import { socketTransitions } from './sockets.ts';
import { specialFdTransitions } from './special-fds.ts';
import type { TransitionFamily } from './transition.ts';

export const transitionRoster: readonly TransitionFamily[] = [
  cloneTransitions,
  execTransitions,
  exitTransitions,
  enterTransitions,
  openTransitions,
  descriptorTransitions,
  specialFdTransitions,
  socketTransitions,
  messageTransitions,
  directoryTransitions,
  credentialTransitions,
  limitTransitions,
  memoryTransitions,
  switchTransitions,
  metaTransitions,
];
