/** Finds the links in what somebody wrote. Only web and mail addresses become links; nothing else can. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

const CANDIDATE = /(?:https?:\/\/|www\.)[^\s<>"“”]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;
const TRAILING = /[.,:;!?'’»*_~]+$/u;
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

const count = (text: string, character: string): number => text.split(character).length - 1;

/** Punctuation that ends the sentence, and a bracket that was opened before the link, are not part of it. */
const trimmed = (candidate: string): string => {
  const text = candidate.replace(TRAILING, '');
  const opening = CLOSING[text.at(-1) ?? ''];
  if (opening !== undefined && count(text, text.at(-1) ?? '') > count(text, opening)) return trimmed(text.slice(0, -1));
  return text;
};

const hrefOf = (text: string): string | undefined => {
  const address = /^https?:\/\//i.test(text)
    ? text
    : text.includes('@') && !/^www\./i.test(text)
      ? `mailto:${text}`
      : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, href } = new URL(address);
  if (protocol === 'mailto:') return href;
  return (protocol === 'https:' || protocol === 'http:') && (hostname.includes('.') || hostname === 'localhost')
    ? href
    : undefined;
};

/** The text in parts, in order; joined together they are the text again. */
export const linkParts = (text: string): TextPart[] => {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const link = trimmed(match[0]);
    const href = hrefOf(link);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push({ kind: 'link', text: link, href });
    end = match.index + link.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
};
