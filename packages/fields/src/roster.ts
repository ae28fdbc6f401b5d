/** All classes of fields of kernel events. Classes of one name are shown together, in this order. */

import { containerFields } from './container.ts';
import { containerProbeFields } from './container-probes.ts';
import type { FieldClass } from './define-fields.ts';
import { evtFields, evtFlagFields, evtResultFields, evtSourceFields, evtTypeFields } from './evt.ts';
import { evtAbspathFields } from './evt-abspath.ts';
import { createEvtArgFields } from './evt-args.ts';
import { evtCountFields } from './evt-count.ts';
import { evtIoFields, evtLengthFields } from './evt-io.ts';
import { evtOpenFields } from './evt-open.ts';
import { evtDeltaFields, evtTimeFields } from './evt-time.ts';
import { fdFields } from './fd.ts';
import { createHostNameFields } from './fd-host-names.ts';
import { fdSocketFields } from './fd-sockets.ts';
import { fdListFields } from './fdlist.ts';
import { fsPathFields } from './fs-path.ts';
import { groupFields } from './group.ts';
import type { HostNames } from './host-names.ts';
import { k8sFields } from './k8s.ts';
import { k8sExecFields } from './k8s-exec.ts';
import { createK8sNodeFields } from './k8s-node.ts';
import { procFields } from './proc.ts';
import { procAncestorFields } from './proc-ancestors.ts';
import { procExeFields } from './proc-exe.ts';
import { procIdFields } from './proc-ids.ts';
import { createStaticFields } from './static.ts';
import { threadFields } from './thread.ts';
import { userFields } from './user.ts';
import { utilFields } from './util.ts';

export interface RosterOptions {
  readonly hostNames: HostNames;
  readonly staticFields: Readonly<Record<string, string>>;
  readonly nodeName: string | undefined;
}

export function fieldRoster({ hostNames, staticFields, nodeName }: RosterOptions): readonly FieldClass[] {
  return [
    evtFields,
    evtTimeFields,
    evtSourceFields,
    evtDeltaFields,
    evtTypeFields,
    createEvtArgFields(),
    evtIoFields,
    evtResultFields,
    evtFlagFields,
    evtCountFields,
    evtAbspathFields,
    evtLengthFields,
    evtOpenFields,
    procFields,
    procAncestorFields,
    procIdFields,
    procExeFields,
    threadFields,
    userFields,
    groupFields,
    fdFields,
    fdSocketFields,
    createHostNameFields(hostNames),
    fsPathFields,
    utilFields,
    fdListFields,
    createStaticFields(staticFields),
    containerFields,
    containerProbeFields,
    k8sFields,
    createK8sNodeFields(nodeName),
    k8sExecFields,
  ];
}
