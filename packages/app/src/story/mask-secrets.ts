/**
 * Takes out of texts what looks like a password. A story tells of processes that no rule asked for, and whoever reads it need
 * not be one of those who may know what was typed on their command lines.
 */

export const MASK = '***';

const NAMES =
  'passw(?:or)?d|passphrase|secret|token|credentials?|auth[-_]?key|api[-_]?key|access[-_]?key|private[-_]?key';
const NAME = `(?<![\\w/.-])-{0,2}[\\w-]{0,40}?(?:${NAMES})[\\w-]{0,40}`;
const VALUE = `("[^"]*"?|'[^']*'?|[^\\s"',;&]+)`;
/** `--password=x`, `DB_PASSWORD=x`, `"token": "x"`. */
const NAMED = new RegExp(`(${NAME}["']?\\s?[=:]\\s?)${VALUE}`, 'gi');
/** `--password x`, but not the path of a file that has it. */
const OPTION = new RegExp(
  `((?<!\\S)--?[\\w-]{0,40}?(?:${NAMES})(?![\\w-]*(?:file|path|dir))[\\w-]{0,40}\\s+)(?!-)${VALUE}`,
  'gi',
);
/** `https://name:x@host`. */
const IN_ADDRESS = /(:\/\/[^\s/:@]{0,128}:)[^\s/@]{1,512}@/g;
/** `Authorization: Bearer x`. */
const IN_HEADER =
  /\b((?:proxy-)?authorization\s?[=:]\s?)(?:(basic|bearer|token|digest|negotiate)\s+)?[^\s"']+/gi;
/** `curl -u name:x`. */
const OF_USER = /((?<!\S)(?:-u|--user|--proxy-user)[\s=]?[^\s:"'=]{1,128}:)[^\s"']+/g;
/** `mysql -px`. */
const OF_MYSQL = /(\b(?:mysql|mariadb)\w*\b[^|;&]{0,512}?\s-p)[^\s"']+/g;

export function maskSecrets(text: string): string {
  return text
    .replace(IN_HEADER, (_, name: string, scheme: string | undefined) =>
      scheme === undefined ? `${name}${MASK}` : `${name}${scheme} ${MASK}`,
    )
    .replace(IN_ADDRESS, `$1${MASK}@`)
    .replace(NAMED, `$1${MASK}`)
    .replace(OPTION, `$1${MASK}`)
    .replace(OF_USER, `$1${MASK}`)
    .replace(OF_MYSQL, `$1${MASK}`);
}
