import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, ROOT, ran } from './setup.ts';

const check = (files: Record<string, string>) => ran(process.execPath, [join(ROOT, 'script/check-spec.mjs'), folderWith(files)]);

/** A test of these rules, put together so that this file's own titles stay its own. */
const testOf = (rules: string, call = 'test') => `${call}('${rules} something holds', () => {});\n`;
const [one, two, three] = ['QQ1', 'QQ2', 'QQ3'].map((id) => `[${id}]`);

test('[RUN7] the rules check passes when each rule is named by a title and each named rule exists', () => {
  const { code, output } = check({
    'docs/SPEC.md': '# Rules\n\n**QQ1** One.\n- **QQ2** Two.\n* [QQ3] Three, unlike QQ9 in a sentence.\n',
    'src/a.test.ts': testOf(`${one} ${two}`),
    'web/b.test.tsx': testOf(`${three}`),
  });
  expect(output).toBe('3 rules, 3 proved, 0 problems.\n');
  expect(code).toBe(0);
});

test('[RUN7] the rules check lists every rule without a test, every unknown rule and every rule stated twice', () => {
  const { code, output } = check({
    'docs/SPEC.md': '**QQ1** One.\n**QQ2** Two.\n**QQ1** One again.\n',
    'src/a.test.ts': testOf(`${three}`) + testOf(`${one}`).replace('test', '// test'),
  });
  expect(output.trimEnd().split('\n')).toEqual([
    'docs/SPEC.md states QQ1 more than once',
    "docs/SPEC.md states QQ1, and no test's title names it",
    "docs/SPEC.md states QQ2, and no test's title names it",
    'src/a.test.ts names QQ3, which docs/SPEC.md does not state',
    '2 rules, 0 proved, 4 problems.',
  ]);
  expect(code).toBe(1);
});

test('[RUN7] a skipped test proves nothing', () => {
  const { code, output } = check({ 'docs/SPEC.md': '**QQ1** One.\n', 'src/a.test.ts': testOf(`${one}`, 'test.skip') });
  expect(output).toContain('src/a.test.ts skips a test of QQ1');
  expect(code).toBe(1);
});

test('[RUN7] a test in a suite that is skipped proves nothing either', () => {
  const within = (open: string) => `${open}, () => {\n  describe('inner', () => {\n    ${testOf(`${one}`)}  });\n});\n`;
  for (const open of ["describe.skip('outer'", "describe.todo('outer'", "describe('outer', { skip: true }"]) {
    const { code, output } = check({ 'docs/SPEC.md': '**QQ1** One.\n', 'src/a.test.ts': within(open) });
    expect(output).toContain('src/a.test.ts skips a test of QQ1');
    expect(code).toBe(1);
  }
});

test('[RUN7] a rule is said to be proved on some machines where only a test names it that may be skipped, alone or with its suite', () => {
  const { code, output } = check({
    'docs/SPEC.md': '**QQ1** One.\n**QQ2** Two.\n**QQ3** Three.\n',
    'src/a.test.ts': `describe.skipIf(!isRoot)('as root', () => {\n  ${testOf(`${one} ${two}`)}});\n${testOf(`${two}`)}`,
    'src/b.test.ts': testOf(`${three}`, "test.runIf(process.platform === 'linux')"),
  });
  expect(output.trimEnd().split('\n')).toEqual([
    'QQ1 is proved only where src/a.test.ts can run it',
    'QQ3 is proved only where src/b.test.ts can run it',
    '3 rules, 1 proved and 2 on some machines, 0 problems.',
  ]);
  expect(code).toBe(0);
});
