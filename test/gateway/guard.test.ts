import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GuardCategory } from '../../protocol/index.ts';
import { CATEGORIES } from '../../src/safety/verdict.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

describe('the guard, asked by the host platform', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ 'safety.policy': {} });
  });
  afterAll(() => gateway.close());
  const check = (body: object) => gateway.host('POST', '/v1/guard/check', body);

  it('[GC1] says what it found, where in the text as it came, by which rule, and what to do instead', async () => {
    const text = '👋 Write me: mira@holt-animation.studio, any day.';
    const { status, body } = await check({ text });
    expect(status).toBe(200);
    const found = body.findings.find(({ category }: { category: string }) => category === 'email');
    expect(found).toMatchObject({
      rule: expect.any(String),
      confidence: expect.any(Number),
      advice: expect.stringContaining('contract'),
    });
    const [span] = found.spans;
    expect(text.slice(span.start, span.end)).toContain('mira@holt-animation.studio');
    const clean = 'The form must take any e-mail address, also with a plus sign.';
    expect((await check({ text: clean })).body).toEqual({ action: 'allow', findings: [], masked: clean });
    expect(body).toMatchObject({ action: 'mask', masked: '👋 Write me: •••••, any day.' });
    expect([...GuardCategory.options].toSorted()).toEqual([...CATEGORIES].toSorted());
  });

  it('[GC2] puts together what came in pieces, and says in which', async () => {
    const { body } = await check({ earlier: ['my number begins with 0 7 7 0 0'], text: '9 0 0 4 5 6 and that is all' });
    const [found] = body.findings.filter(({ category }: { category: string }) => category === 'phone');
    expect(found.spans.map(({ message }: { message: number | null }) => message).toSorted()).toContain(null);
  });

  it('[GC3] lets everything through from the beginning of a contract on, and what an exception allows', async () => {
    const text = 'Call me on +44 7700 900456, or see https://holt-animation.studio';
    expect((await check({ text })).body.findings.length).toBeGreaterThan(0);
    for (const contract of ['active', 'ended'])
      expect((await check({ text, contract })).body).toMatchObject({ action: 'allow', masked: text });
    expect((await check({ text, exceptions: { enterprise: true } })).body).toMatchObject({ action: 'allow' });
    const link = { text: 'The brief is at https://briefs.holt-animation.studio/spring' };
    const rest = (await check({ ...link, exceptions: { allowedHosts: ['holt-animation.studio'] } })).body.findings;
    expect(rest.filter(({ category }: { category: string }) => category === 'link')).toEqual([]);
  });

  it('[GC5] a long text is read to its end, and what comes meanwhile is answered', async () => {
    const fine = 'The storyboard has nine panels, and the fourth is the one that the client wants to see first. ';
    const text = `${fine.repeat(205)}Write to mira@holt-animation.studio.`;
    const [long, short] = await Promise.all([check({ text }), check({ text: fine })]);
    expect(long.body).toMatchObject({ action: 'mask', masked: `${fine.repeat(205)}Write to •••••.` });
    expect(short.body).toMatchObject({ action: 'allow' });
  });

  it('[GC4] bad input is a typed error', async () => {
    for (const bad of [
      {},
      { text: '' },
      { text: 'x'.repeat(20_001) },
      { text: 'a', earlier: Array(11).fill('b') },
      { text: '\ud800' },
    ]) {
      expect((await check(bad)).status).toBe(422);
    }
    expect((await gateway.host('POST', '/v1/guard/check', { text: 'x' }, 'wrong')).status).toBe(401);
    const strange = [
      '\u200b'.repeat(10_000),
      'a\u0301'.repeat(9_000),
      '0 '.repeat(9_999),
      '@.'.repeat(9_999),
      '🙂'.repeat(9_999),
    ];
    for (const text of strange) expect((await check({ text })).status).toBe(200);
  });
});
