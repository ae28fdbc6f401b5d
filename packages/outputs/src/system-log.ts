/** The program's own messages to the machine's log daemon. What cannot be sent is gone: standard error has it, too. */

import { encodeSyslog } from './transport/syslog-message.ts';
import { connectUnix } from './transport/unix-datagram.ts';

export interface SystemLog {
  /** `severity` counts from 0, emergency, to 7, debug. */
  write(severity: number, message: string): void;
}

export function openSystemLog(programName: string, path = '/dev/log'): SystemLog {
  let socket = connectUnix(path);
  return {
    write: (severity, message) => {
      if (typeof socket === 'string') return;
      const bytes = encodeSyslog(severity, programName, message, new Date());
      const result = socket.send(bytes);
      if (result === 'sent' || result === 'full' || result === 'EMSGSIZE') return;
      socket.close();
      socket = connectUnix(path);
      if (typeof socket !== 'string') socket.send(bytes);
    },
  };
}
