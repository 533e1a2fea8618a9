/** The marks of a message whose text is changed, as they are shown until the server has said what is under them. */
import type { MaskedSpan, Message } from '../protocol/index.ts';

/** The message with another text: marks that are left in it stay marks, in order, as the server has it. */
export const withBody = (message: Message, body: string): Message => {
  const { masked, ...rest } = message;
  if (masked === undefined) return { ...rest, body };
  const left = marksIn(body, message.body, masked);
  return { ...rest, body, ...(left.length > 0 && { masked: left }) };
};

const marksIn = (body: string, before: string, masked: readonly MaskedSpan[]): MaskedSpan[] => {
  const left: MaskedSpan[] = [];
  let from = 0;
  for (const { start, end, category } of masked) {
    const mark = before.slice(start, end);
    const at = body.indexOf(mark, from);
    if (at === -1) break;
    from = at + mark.length;
    left.push({ start: at, end: from, category });
  }
  return left;
};
