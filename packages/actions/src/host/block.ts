/** Blocks the address that a connection was with. */

import { choice, duration, schema } from '@peregrine/base';
import { defineAction } from '../action.ts';
import { addressTarget } from '../targets/address.ts';
import { askHands, undoThrough } from './ask-hands.ts';
import { blockCapabilities, MOST_BLOCK_S } from './deeds/block.ts';

export const blockAddress = defineAction({
  name: 'host:block',
  platform: 'host',
  doc: 'Drops all packets from and to the other side of a connection for a while, with nftables, in a table `inet peregrine` of its own. Addresses of the machine itself and of its gateways are never blocked. Takes the program `nft`.',
  parameters: schema({
    address: choice(['remote', 'server', 'client'], {
      default: 'remote',
      doc: 'Which address: the `remote` one (`fd.rip`), that of the `server` (`fd.sip`) or of the `client` (`fd.cip`).',
    }),
    duration: duration({
      default: '1h',
      min: 1_000,
      max: MOST_BLOCK_S * 1_000,
      doc: 'For how long. The kernel keeps the time.',
    }),
  }),
  target: addressTarget,
  continues: true,
  artifact: 'none',
  permissions: () => [],
  capabilities: () => blockCapabilities,
  isRepeatable: true,
  timeoutMs: () => 30_000,
  examples: [
    { doc: 'For an hour.', parameters: {} },
    { doc: 'Whoever logs in over and over, for a day.', parameters: { address: 'client', duration: '1d' } },
  ],
  run: ({ target, parameters, ports, isDryRun, signal }) =>
    askHands({
      ...{ ports, hostname: target.hostname, deed: 'block', isDryRun, signal },
      data: { address: target.address, seconds: Math.ceil(parameters.duration / 1_000) },
    }),
  undo: (data, ports, signal) => undoThrough({ deed: 'unblock', data, ports, signal }),
});
