/** Lines of the hub's log. COMPAT: falcosidekick's form, which people search for; to standard error. */

export type HubLogLevel = 'info' | 'warning' | 'error' | 'debug';

export type HubLog = (level: HubLogLevel, message: string) => void;

const prefixes: Readonly<Record<HubLogLevel, string>> = {
  info: '[INFO]  ',
  warning: '[WARN]  ',
  error: '[ERROR] ',
  debug: '[DEBUG] ',
};

/** Control characters are escaped, so that what a destination or an alert says cannot make lines of its own. */
export function hubLogLine(level: HubLogLevel, message: string, now: Date): string {
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(two).join('/');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  return `${date} ${time} ${prefixes[level]}: ${escaped(message)}\n`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is escaped.
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (char) => JSON.stringify(char).slice(1, -1));
}
