import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenUi, openUi } from '../../testing/open-ui.ts';
import { operations } from '../contract/index.ts';
import { apiPage } from './api-page.ts';
import { apiEntries, typeOf } from './api-reference.ts';

let ui: OpenUi;
beforeAll(async () => {
  ui = await openUi();
});
afterAll(() => ui.close());

test('every operation has an entry that says who may, and what comes', () => {
  const entries = apiEntries();
  expect(entries.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
    Object.values(operations)
      .map(({ method, path }) => `${method} /api/v2${path}`)
      .sort(),
  );
  for (const { summary, access, answer } of entries) expect([summary, access, answer]).not.toContain('');
});

test('the page is there for everybody, without a script, a style or an address of anything elsewhere', async () => {
  const { status, headers, text } = await ui.send('GET', '/api/v2/docs');
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(headers['content-security-policy']).toContain("script-src 'self'");
  expect(text).not.toMatch(/<script|<style|style=|\son\w+=|https?:\/\//);
  for (const [, href = ''] of text.matchAll(/(?:href|src)="([^"#]+)"/g))
    expect((await ui.send('GET', href)).status).toBe(200);
  expect(text.match(/<article>/g)).toHaveLength(Object.keys(operations).length);
});

test('texts of declarations and versions never become elements', () => {
  expect(apiPage('<b>1</b>')).toContain('API of Peregrine &lt;b&gt;1&lt;/b&gt;');
});

test.each([
  [{ type: 'string', format: 'date-time' }, 'time'],
  [{ enum: ['a', 'b'] }, '"a" or "b"'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string or null'],
  [{ type: 'array', items: { type: 'integer' } }, '[integer]'],
  [
    { type: 'object', properties: { id: { type: 'string' }, n: { type: 'number' } }, required: ['id'] },
    '{id: string, n?: number}',
  ],
  [{ type: 'object', additionalProperties: { type: 'string' } }, 'map of string'],
  [{}, 'anything'],
])('%j is told as %s', (schema, told) => {
  expect(typeOf(schema)).toBe(told);
});
