/** Messages as the log daemon reads them: `<code>Mmm dd HH:MM:SS name: text`, local time. */

const FACILITY_USER = 1;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `severity` counts from 0, emergency, to 7, debug. */
export function encodeSyslog(severity: number, programName: string, text: string, now: Date): Buffer {
  const clock = [now.getHours(), now.getMinutes(), now.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');
  const day = String(now.getDate()).padStart(2, ' ');
  const head = `<${FACILITY_USER * 8 + severity}>${months[now.getMonth()]} ${day} ${clock} ${programName}: `;
  return Buffer.from(head + text, 'utf8');
}
