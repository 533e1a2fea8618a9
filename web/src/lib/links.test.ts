import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkParts } from './links.ts';

const links = (text: string): string[] => linkParts(text).flatMap((part) => (part.kind === 'link' ? [part.href] : []));

describe('links', () => {
  it('[WEB3] web and mail addresses become links', () => {
    expect(links('see https://example.com/a?b=c#d and www.example.org, or write to me@example.com')).toEqual([
      'https://example.com/a?b=c#d',
      'https://www.example.org/',
      'mailto:me@example.com',
    ]);
  });

  it('[WEB3] the punctuation around a link is not part of it', () => {
    expect(links('(see https://example.com/a).')).toEqual(['https://example.com/a']);
    expect(links('https://example.com/wiki/Ring_(film), yes!')).toEqual(['https://example.com/wiki/Ring_(film)']);
    expect(links('“https://example.com/b”')).toEqual(['https://example.com/b']);
  });

  it('[WEB3] no other scheme becomes a link', () => {
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'file:///etc/passwd',
      'https://',
      'http://a b',
      'vbscript:x',
      '3.5.2',
      'e.g. this',
    ])
      expect(links(text), text).toEqual([]);
  });

  it('[WEB3] the parts are the text again, and every href is of a safe scheme', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('https://', 'www.', '@', 'javascript:', '(', ').', 'a.b', ' ', '\n'));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = words.join('');
        const parts = linkParts(text);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        for (const part of parts) if (part.kind === 'link') expect(part.href).toMatch(/^(https?:\/\/|mailto:)/);
      }),
      { verbose: 1 },
    );
  });
});
