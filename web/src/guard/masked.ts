/** Messages with marks over some of their words. Pure. */
import type { GuardCategory, Message } from '../../../protocol/index.ts';
import type { Span } from './spans.ts';

export type MaskedPart =
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'mark'; readonly category: GuardCategory; readonly at: number };

type Masked = Pick<Message, 'body' | 'masked'>;

/** The text and its marks in order; `at` is where each begins in the body. */
export const maskedParts = ({ body, masked = [] }: Masked): MaskedPart[] => {
  const parts: MaskedPart[] = [];
  let at = 0;
  for (const { start, end, category } of masked) {
    if (start < at || end > body.length) continue;
    if (start > at) parts.push({ kind: 'text', text: body.slice(at, start), at });
    parts.push({ kind: 'mark', category, at: start });
    at = end;
  }
  if (at < body.length) parts.push({ kind: 'text', text: body.slice(at), at });
  return parts;
};

/** For a line of text, the clipboard and the ear. */
export const plainText = (message: Masked): string =>
  message.masked === undefined
    ? message.body
    : maskedParts(message)
        .map((part) => (part.kind === 'text' ? part.text : '[hidden]'))
        .join('');

/** Where the words are that were under marks; all of the text when what stands between them has changed. */
export const revealedSpans = (before: Masked, after: string): Span[] => {
  const spans: Span[] = [];
  let at = 0;
  let hidden = false;
  for (const part of maskedParts(before)) {
    if (part.kind === 'mark') {
      hidden = true;
      continue;
    }
    const found = after.indexOf(part.text, at);
    if (found === -1 || (!hidden && found !== at)) return [{ start: 0, end: after.length }];
    if (found > at) spans.push({ start: at, end: found });
    at = found + part.text.length;
    hidden = false;
  }
  if (hidden && at < after.length) spans.push({ start: at, end: after.length });
  return spans;
};
