/** Hides spans of a text. */
import type { Category, Finding } from './verdict.ts';

export type MaskedSpan = { start: number; end: number; category: Category };
export type Masked = {
  body: string;
  /** Where the marks are in `body`, in UTF-16 units, in order. */
  masked: MaskedSpan[];
  /** What is under each mark, in the same order. */
  hidden: string[];
};

/** The same for every span, so that its length tells nothing of what is under it. */
export const MARK = '•••••';

/** Puts a mark in place of each span; spans that touch or overlap become one, of the first's category. Never cuts a character in two. */
export const masked = (text: string, spans: readonly MaskedSpan[]): Masked => {
  const ordered = spans
    .map(({ start, end, category }) => ({ start: Math.max(0, start), end: Math.min(text.length, end), category }))
    .filter(({ start, end }) => start < end)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const joined: MaskedSpan[] = [];
  for (const span of ordered) {
    const last = joined.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else joined.push({ ...span });
  }
  let body = '';
  let from = 0;
  const marks: MaskedSpan[] = [];
  const hidden: string[] = [];
  for (const { start, end, category } of joined) {
    const first = isLowSurrogate(text, start) ? start - 1 : start;
    const last = isLowSurrogate(text, end) ? end + 1 : end;
    body += text.slice(from, Math.max(from, first));
    marks.push({ start: body.length, end: body.length + MARK.length, category });
    hidden.push(text.slice(Math.max(from, first), last));
    body += MARK;
    from = last;
  }
  return { body: body + text.slice(from), masked: marks, hidden };
};

/** The second half of a pair, whose first half is before this place. */
const isLowSurrogate = (text: string, place: number): boolean =>
  /[\udc00-\udfff]/.test(text.charAt(place)) && /[\ud800-\udbff]/.test(text.charAt(place - 1));

/** The spans of findings that lie in the inspected text itself. */
export const spansOf = (findings: readonly Finding[]): MaskedSpan[] =>
  findings.flatMap(({ category, spans }) =>
    spans.flatMap(({ message, start, end }) => (message === null ? [{ start, end, category }] : [])),
  );
