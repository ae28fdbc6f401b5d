/**
 * Keeps what an output's settings hold in secret out of texts that people see: reasons of failures, which repeat what a
 * destination or a library said, lines of the log, exchanges that are shown.
 */

import { Secret } from '@peregrine/base';
import type { SinkSettings } from './sink-settings.ts';

export type HideSecrets = (text: string) => string;

const HIDDEN = '***';
/** Shorter texts protect nothing, and stand in every other word. */
const FEWEST_CHARACTERS = 4;
/** Addresses of this kind are given to one sender alone: whoever knows their path may post. */
const SECRET_ADDRESSES: ReadonlySet<string> = new Set(['webhookurl', 'receiverurl']);

export function secretHider({ config, common }: SinkSettings): HideSecrets {
  const addresses = Object.entries(config).filter(([key]) => SECRET_ADDRESSES.has(key));
  const texts = [...secretsIn(config), ...addresses.flatMap(([, value]) => pathOf(value))];
  for (const [name, value] of Object.entries(common.customheaders)) {
    if (isSecretHeader(name)) texts.push(...formsOf(value));
  }
  // The longest first, as one may hold another.
  const secrets = [...new Set(texts)].sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

export function isSecretHeader(name: string): boolean {
  return /authorization|token|secret|api-?key|password|cookie/i.test(name);
}

function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) {
    const text = value.reveal();
    return [text, ...partsOf(text), ...valuesOf(text)].flatMap(formsOf);
  }
  if (typeof value === 'string') return partsOf(value).flatMap(formsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}

/** As it is, as it stands in addresses, and as it stands in JSON. */
function formsOf(text: string): readonly string[] {
  return text.length < FEWEST_CHARACTERS
    ? []
    : [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)];
}

/** A whole address, connection string or list of headers is seldom repeated, its password is. */
function partsOf(text: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^:@/?#]*:([^@/?#]*)@/i.exec(text)?.[1];
  const key = /(?:^|;)\s*SharedAccessKey=([^;]+)/i.exec(text)?.[1];
  return [password, decoded(password), key].filter((part) => part !== undefined);
}

/** Of `name=value,name=value`. */
function valuesOf(text: string): readonly string[] {
  return text.split(',').flatMap((part) => /^[\w-]+=(.{4,})$/s.exec(part)?.[1] ?? []);
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text;
  }
}

function pathOf(value: unknown): readonly string[] {
  if (typeof value !== 'string' || !URL.canParse(value)) return [];
  const { pathname, search } = new URL(value);
  const path = `${pathname}${search}`.slice(1);
  return path.length < FEWEST_CHARACTERS ? [] : [path];
}
