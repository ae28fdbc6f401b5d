/** Fields that compare an end of a socket with a host name written in a rule. */

import type { IpAddress } from '@peregrine/base';
import type { EventContext, Fd } from '@peregrine/state';
import {
  type Binding,
  defineFields,
  type FieldClass,
  type FieldDeclaration,
  textField,
} from './define-fields.ts';
import { fdOf } from './fd.ts';
import type { HostNames, WatchedHost } from './host-names.ts';
import { clientIp, localIp, remoteIp, serverIp } from './socket-ends.ts';

type ReadEnd = (fd: Fd, event: EventContext) => IpAddress | undefined;

/** `=` and `in` hold if the address belongs to one of the names, `!=` if it belongs to none. */
function comparison(
  hostNames: HostNames,
  addressOf: (event: EventContext) => IpAddress | undefined,
): NonNullable<Binding['compare']> {
  return (operator, names) => {
    if (operator !== '=' && operator !== '!=' && operator !== 'in')
      return 'a host name can only be compared with `=`, `!=` and `in`';
    const hosts: readonly WatchedHost[] = names.map((name) => hostNames.watch(name));
    const wanted = operator !== '!=';
    return (event) => {
      const address = addressOf(event);
      if (address === undefined) return false;
      for (const host of hosts) if (host.has(address)) return wanted;
      return !wanted;
    };
  };
}

function hostNameField(doc: string, hostNames: HostNames, read: ReadEnd): FieldDeclaration {
  const addressOf = (event: EventContext): IpAddress | undefined => {
    const fd = fdOf(event);
    return fd === undefined ? undefined : read(fd, event);
  };
  return textField({
    doc,
    examples: ['pool.example.org'],
    cost: 60,
    allowsRightHandSide: false,
    allowsTransformers: false,
    read: (event) => {
      const address = addressOf(event);
      return address === undefined ? undefined : hostNames.nameOf(address);
    },
    compare: comparison(hostNames, addressOf),
  });
}

export function createHostNameFields(hostNames: HostNames): FieldClass {
  return defineFields('fd', {
    'fd.cip.name': hostNameField(
      'Host name of the client, among those that rules name.',
      hostNames,
      clientIp,
    ),
    'fd.sip.name': hostNameField(
      'Host name of the server, among those that rules name.',
      hostNames,
      serverIp,
    ),
    'fd.lip.name': hostNameField(
      'Host name of the end on this machine, among those that rules name.',
      hostNames,
      localIp,
    ),
    'fd.rip.name': hostNameField(
      'Host name of the far end, among those that rules name.',
      hostNames,
      remoteIp,
    ),
  });
}
