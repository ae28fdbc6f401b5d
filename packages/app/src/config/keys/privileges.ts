/** Keys that say which privileges the program keeps while it watches. */

import { flag, list, schema, text } from '@peregrine/base';

export const privilegeKeys = {
  privileges: schema(
    {
      drop: flag({
        default: true,
        doc: 'Give up, for good, the capabilities that are not needed, and have the kernel refuse system calls that are never made.',
      }),
      user: text({
        default: '',
        doc: 'User to run as, a name or a number, with the capabilities that are needed. Empty stays who starts it.',
        example: 'peregrine',
      }),
      keep: list(text({ doc: 'Name of a capability.' }), {
        default: [],
        doc: 'Capabilities to keep besides. The program that alerts are handed to has these, and no others.',
        example: '[CAP_NET_RAW]',
      }),
    },
    { doc: 'What live detection may do once it watches. Not in the reference; read at the start only.' },
  ),
};
