import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../config/policy.ts';
import { GuardCheck, partsOf } from '../../protocol/index.ts';
import { checkText, decideText, toFindings } from './check.ts';

const FINE = 'The second sheet names a timber class that is not sold any more, and the next better one is four percent dearer. ';

test('[GC5] others have their turn between the parts of a long text, and the verdict is that of the whole', async () => {
  const text = `${FINE.repeat(80)}Write to odalys.crewe@fastmail.com. ${FINE.repeat(80)}`;
  const check = GuardCheck.parse({ text });
  let turns = 0;
  const verdict = await checkText(check, DEFAULT_POLICY, async () => {
    turns += 1;
  });
  expect(turns).toBe(partsOf(text).length);
  expect(verdict.findings).toEqual(toFindings(decideText(check, DEFAULT_POLICY).decided));
  expect(verdict.action).toBe('mask');
  expect(verdict.masked).toBe(text.replace('odalys.crewe@fastmail.com', '•••••'));
});

test('[GC5] what is no longer than a message is read at once', async () => {
  const check = GuardCheck.parse({ text: FINE });
  let turns = 0;
  const verdict = await checkText(check, DEFAULT_POLICY, async () => {
    turns += 1;
  });
  expect(turns).toBe(1);
  expect(verdict).toEqual({ action: 'allow', findings: [], masked: FINE });
});
