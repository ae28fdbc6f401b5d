/** Lines of the log as the reference writes them to standard error. */

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Local `Www Mmm dd HH:MM:SS YYYY: message`, or UTC in ISO 8601. No newline. */
export function renderLogLine(message: string, now: Date, isIso8601: boolean): string {
  if (isIso8601) return `${now.toISOString().slice(0, 19)}+0000: ${message}`;
  const clock = [now.getHours(), now.getMinutes(), now.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');
  const day = String(now.getDate()).padStart(2, ' ');
  return `${days[now.getDay()]} ${months[now.getMonth()]} ${day} ${clock} ${now.getFullYear()}: ${message}`;
}
