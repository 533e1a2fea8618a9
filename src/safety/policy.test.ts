import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inspect } from './guard.ts';
import { parseItems } from './items.ts';
import { type Context, DEFAULT_POLICY, decide, Policy } from './policy.ts';
import { CATEGORIES, type Category, type Verdict } from './verdict.ts';

const verdictOf = (category: Category, confidence = 0.95): Verdict => ({
  findings: [{ category, rule: 'test.rule', confidence, spans: [{ message: null, start: 0, end: 4 }] }],
});
const actionOf = (category: Category, context: Partial<Context> = {}, policy = DEFAULT_POLICY, confidence?: number) =>
  decide(verdictOf(category, confidence), policy, { contract: 'before', role: 'freelancer', ...context }).action;

describe('decide', () => {
  test('[GU10] before the contract contact data is masked, payments, moves and rewards are blocked; afterwards all is allowed', () => {
    for (const category of CATEGORIES) {
      const blocked = category === 'payment_offplatform' || category === 'move_offplatform' || category === 'reward';
      expect(actionOf(category)).toBe(blocked ? 'block' : 'mask');
      expect(actionOf(category, { contract: 'active' })).toBe('allow');
      expect(actionOf(category, { contract: 'ended' })).toBe('allow');
    }
  });

  test('[GU10] the configuration sets the action of each category in each state, and the strictest of a text decides', () => {
    const policy = Policy.parse({ before: { email: 'hold', phone: 'warn' }, active: { reward: 'block' } });
    expect(actionOf('email', {}, policy)).toBe('hold');
    expect(actionOf('link', {}, policy)).toBe('mask');
    expect(actionOf('reward', { contract: 'active' }, policy)).toBe('block');
    const both = { findings: [...verdictOf('phone').findings, ...verdictOf('email').findings] };
    expect(decide(both, policy, { contract: 'before', role: 'client' }).action).toBe('hold');
    expect(() => Policy.parse({ before: { email: 'hide' } })).toThrow();
  });

  test('[GU11] exceptions allow what they name and nothing else', () => {
    expect(actionOf('email', { exceptions: { enterprise: true } })).toBe('allow');
    expect(actionOf('reward', { exceptions: { enterprise: true } })).toBe('block');
    expect(actionOf('address', { exceptions: { legalDocuments: true } })).toBe('allow');
    expect(actionOf('phone', { exceptions: { legalDocuments: true } })).toBe('mask');
    expect(actionOf('email', { exceptions: { systemAccess: true } })).toBe('allow');
    expect(actionOf('payment_offplatform', { exceptions: { systemAccess: true } })).toBe('block');
  });

  test('[GU12] what is less sure than `certainFrom` is at most warned of', () => {
    expect(actionOf('reward', {}, DEFAULT_POLICY, 0.65)).toBe('warn');
    expect(actionOf('reward', { contract: 'active' }, DEFAULT_POLICY, 0.65)).toBe('allow');
    expect(actionOf('email', {}, Policy.parse({ certainFrom: 0 }), 0.65)).toBe('mask');
    const learned = (confidence: number) =>
      decide(
        { findings: [{ category: 'reward', rule: 'learned.words', confidence, spans: [{ message: null, start: 0, end: 1 }] }] },
        DEFAULT_POLICY,
        { contract: 'before', role: 'client' },
      ).action;
    expect([0.5, 0.75, 0.85].map(learned)).toEqual(['allow', 'warn', 'block']);
  });

  test('[GU10] every decision says what to do instead', () => {
    const { decided } = decide(inspect({ text: 'My WhatsApp number is 0171 5550123' }), DEFAULT_POLICY, {
      contract: 'before',
      role: 'client',
    });
    expect(decided.length).toBeGreaterThan(0);
    for (const { advice } of decided) expect(advice).toMatch(/\w+.*\.$/u);
  });

  test('[GM4] ordinary messages go through as they are', () => {
    const items = parseItems(readFileSync(new URL('ordinary.jsonl', import.meta.url), 'utf8'));
    const stopped = items.filter(({ messages }) =>
      messages.some((text, index) => {
        const verdict = inspect({ text, earlier: messages.slice(0, index) });
        return decide(verdict, DEFAULT_POLICY, { contract: 'before', role: 'freelancer' }).action !== 'allow';
      }),
    );
    expect(items).toHaveLength(500);
    expect(stopped.length).toBeLessThanOrEqual(5);
  });
});
