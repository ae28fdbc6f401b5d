/** Actions on Kubernetes. */

import type { Action } from '../action.ts';
import { annotation } from './annotation.ts';
import { calicoNetworkpolicy } from './calico-networkpolicy.ts';
import { ciliumNetworkpolicy } from './cilium-networkpolicy.ts';
import { cordon } from './cordon.ts';
import { debug } from './debug.ts';
import { deleteObject } from './delete.ts';
import { download } from './download.ts';
import { drain } from './drain.ts';
import { evict } from './evict.ts';
import { exec } from './exec.ts';
import { label } from './label.ts';
import { log } from './log.ts';
import { networkpolicy } from './networkpolicy.ts';
import { restart } from './restart.ts';
import { scale } from './scale.ts';
import { script } from './script.ts';
import { sysdig } from './sysdig.ts';
import { tcpdump } from './tcpdump.ts';
import { terminate } from './terminate.ts';
import { uncordon } from './uncordon.ts';

export const kubernetesActions: readonly Action[] = [
  ...[terminate, evict, deleteObject, label, annotation],
  ...[networkpolicy, calicoNetworkpolicy, ciliumNetworkpolicy],
  ...[exec, script, log, download, debug, tcpdump, sysdig],
  ...[scale, restart, cordon, uncordon, drain],
];
