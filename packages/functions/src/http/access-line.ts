/** The line that tells of a request, as Kubeless' runtimes write it: Apache's combined form, and how long it took. */

export interface Access {
  readonly remote: string;
  readonly at: Date;
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly status: number;
  readonly bytes: number;
  readonly referrer: string;
  readonly agent: string;
  readonly tookUs: number;
}

const MOST_TEXT = 1_024;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** COMPAT: `[14/Jan/2021:23:39:45 +0000] "POST / HTTP/1.1" 200 0 "" "Falcosidekick" 0/965744`. */
export function accessLine(access: Access): string {
  const { remote, at, method, url, httpVersion, status, bytes, referrer, agent, tookUs } = access;
  const request = `${method} ${clean(url)} HTTP/${httpVersion}`;
  return `${remote} - - [${stamp(at)}] "${request}" ${status} ${bytes} "${clean(referrer)}" "${clean(agent)}" 0/${tookUs}`;
}

function stamp(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

/** Nothing in a request can end the line or the quotation. */
function clean(text: string): string {
  return text
    .slice(0, MOST_TEXT)
    .replace(/[\\"]/g, '\\$&')
    .replace(/[^\x20-\x7e]/g, (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}
