/** Fields of the event's socket: addresses, ports, protocol, role. */

import type { IpAddress } from '@peregrine/base';
import { type EventContext, type Fd, fdKind, l4 } from '@peregrine/state';
import { boolField, defineFields, type FieldDeclaration, textField, valueField } from './define-fields.ts';
import { fdOf } from './fd.ts';
import { isIp, isServerSocket } from './fd-kinds.ts';
import {
  clientIp,
  clientPort,
  destinationOf,
  isConnectionKind,
  isLocal,
  localIp,
  localPort,
  remoteIp,
  remotePort,
  serverIp,
  serverPort,
  shownL4,
  sourceOf,
} from './socket-ends.ts';

const l4Words: readonly (string | undefined)[] = (() => {
  const words: (string | undefined)[] = [];
  words[l4.tcp] = 'tcp';
  words[l4.udp] = 'udp';
  words[l4.icmp] = 'icmp';
  words[l4.raw] = 'raw';
  return words;
})();

function l4WordOf(fd: Fd): string {
  return l4Words[shownL4(fd)] ?? '<NA>';
}

type ReadEnd<V> = (fd: Fd, event: EventContext) => V | undefined;

function addressField(doc: string, read: ReadEnd<IpAddress>): FieldDeclaration {
  return valueField({
    doc,
    type: 'IPADDR',
    examples: ['10.0.0.1', '::1'],
    cost: 10,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : read(fd, event);
    },
  });
}

function netField(doc: string, read: ReadEnd<IpAddress>): FieldDeclaration {
  return valueField({
    doc,
    type: 'IPNET',
    examples: ['10.0.0.0/8', 'fd00::/8'],
    cost: 10,
    isFilterOnly: true,
    allowsRightHandSide: false,
    allowsTransformers: false,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : read(fd, event);
    },
  });
}

function portField(doc: string, read: ReadEnd<number>): FieldDeclaration {
  return valueField({
    doc,
    type: 'PORT',
    format: 'dec',
    examples: ['443'],
    cost: 5,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : read(fd, event);
    },
  });
}

/** The port as text. COMPAT: a listening socket has the empty text at both of its ends. */
function protocolField(doc: string, read: ReadEnd<number>, hasServerSockets: boolean): FieldDeclaration {
  return textField({
    doc,
    examples: ['443'],
    cost: 30,
    read: (event) => {
      const fd = fdOf(event);
      if (fd === undefined) return undefined;
      if (hasServerSockets && isServerSocket(fd)) return '';
      const port = read(fd, event);
      return port === undefined ? undefined : String(port);
    },
  });
}

/** Both ends; a listening socket has one. */
function eitherIp(event: EventContext): readonly IpAddress[] | undefined {
  const fd = fdOf(event);
  if (fd === undefined) return undefined;
  if (isConnectionKind(fd)) return [sourceOf(fd), destinationOf(fd)];
  return isServerSocket(fd) ? [destinationOf(fd)] : undefined;
}

function eitherPort(event: EventContext): readonly number[] | undefined {
  const fd = fdOf(event);
  if (fd === undefined) return undefined;
  if (isConnectionKind(fd)) return [fd.sourcePort, fd.destinationPort];
  return isServerSocket(fd) ? [fd.destinationPort] : undefined;
}

const eitherOptions = {
  quantifier: 'either',
  isFilterOnly: true,
  allowsRightHandSide: false,
  allowsTransformers: false,
  cost: 30,
} as const;

/** COMPAT: whether the far end of the tuple is an address of this machine, not what role the socket has. */
function isServer(fd: Fd, event: EventContext): boolean {
  if (isServerSocket(fd)) return true;
  return isConnectionKind(fd) && isLocal(event, destinationOf(fd));
}

export const fdSocketFields = defineFields('fd', {
  'fd.ip': valueField({
    ...eitherOptions,
    doc: 'Address of either end of the socket; `!=` holds only if both differ.',
    type: 'IPADDR',
    examples: ['10.0.0.1'],
    read: eitherIp,
  }),
  'fd.cip': addressField("The client's address; absent while the roles are not known.", clientIp),
  'fd.sip': addressField("The server's address; absent while the roles are not known.", serverIp),
  'fd.lip': addressField('Address of the end on this machine.', localIp),
  'fd.rip': addressField('Address of the far end.', remoteIp),
  'fd.port': valueField({
    ...eitherOptions,
    doc: 'Port of either end of the socket; `!=` holds only if both differ.',
    type: 'PORT',
    format: 'dec',
    examples: ['443'],
    read: eitherPort,
  }),
  'fd.cport': portField("The client's port.", clientPort),
  'fd.sport': portField("The server's port.", serverPort),
  'fd.lport': portField('Port of the end on this machine.', localPort),
  'fd.rport': portField('Port of the far end.', remotePort),
  'fd.l4proto': textField({
    doc: 'Transport protocol of the socket; the text `<NA>` for everything else.',
    examples: ['tcp', 'udp', 'icmp', 'raw'],
    cost: 5,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : l4WordOf(fd);
    },
  }),
  'fd.sockfamily': textField({
    doc: 'Family of the socket.',
    examples: ['ip', 'unix'],
    cost: 5,
    read: (event) => {
      const fd = fdOf(event);
      if (fd === undefined) return undefined;
      if (isIp(fd)) return 'ip';
      return fd.kind === fdKind.unix ? 'unix' : undefined;
    },
  }),
  'fd.is_server': boolField({
    doc: 'Whether the process is at the end of the socket that is called, as far as addresses tell.',
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : isServer(fd, event);
    },
  }),
  'fd.proto': valueField({
    ...eitherOptions,
    doc: 'Port or service name of either end of the socket.',
    type: 'PORT',
    examples: ['https'],
    read: eitherPort,
  }),
  'fd.cproto': protocolField("The client's port, as text.", clientPort, true),
  'fd.sproto': protocolField("The server's port, as text.", serverPort, true),
  'fd.lproto': protocolField('Port of the end on this machine, as text.', localPort, false),
  'fd.rproto': protocolField('Port of the far end, as text.', remotePort, false),
  'fd.net': valueField({
    ...eitherOptions,
    doc: 'Network of either end of the socket.',
    type: 'IPNET',
    examples: ['10.0.0.0/8'],
    read: eitherIp,
  }),
  'fd.cnet': netField("Network of the client's address.", clientIp),
  'fd.snet': netField("Network of the server's address.", serverIp),
  'fd.lnet': netField('Network of the end on this machine.', localIp),
  'fd.rnet': netField('Network of the far end.', remoteIp),
});
