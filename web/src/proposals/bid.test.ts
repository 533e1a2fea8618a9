import { expect, it } from 'vitest';
import { bidText } from './bid.ts';

it('[WEB8] a bid is money in the reader’s format, by the hour or for the project', () => {
  expect(bidText({ amount: 4_800, currency: 'USD', per: 'project' }, 'en-US')).toBe('$4,800 for the project');
  expect(bidText({ amount: 62.5, currency: 'EUR', per: 'hour' }, 'en-US')).toBe('€62.50 an hour');
  expect(bidText({ amount: 90_000, currency: 'JPY', per: 'project' }, 'en-US')).toBe('¥90,000 for the project');
  expect(bidText(null)).toBe('No bid');
});
