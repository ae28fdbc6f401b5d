import { expect, test } from 'vitest';
import { fillText } from './environment-texts.ts';

const environment = { TOKEN: 's3cret', NESTED: '${TOKEN}', EMPTY: '' };

test.each([
  ['Bearer ${TOKEN}', 'Bearer s3cret', ['s3cret'], []],
  ['${TOKEN}${TOKEN}', 's3crets3cret', ['s3cret', 's3cret'], []],
  // Nothing is put into what was put in.
  ['${NESTED}', '${TOKEN}', ['${TOKEN}'], []],
  ['$${TOKEN}', '${TOKEN}', [], []],
  ['$TOKEN {TOKEN} ${} ${a b}', '$TOKEN {TOKEN} ${} ${a b}', [], []],
  ['${EMPTY}-${NONE}', '-', [], ['EMPTY', 'NONE']],
])('%s', (written, text, secrets, missing) => {
  expect(fillText(written, environment)).toEqual({ text, secrets, missing });
});
