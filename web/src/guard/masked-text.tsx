/** A message's text with each of its marks as a pill. */
import type { Appeal, ThreadClient } from '../../../client/types.ts';
import type { Message } from '../../../protocol/index.ts';
import { RichText } from '../conversation/rich-text.tsx';
import { MaskPill } from './mask-pill.tsx';
import { maskedParts } from './masked.ts';

interface Props {
  readonly thread: ThreadClient;
  readonly message: Message;
  readonly own: boolean;
  readonly appeal: Appeal | undefined;
}

export const MaskedText = ({ thread, message, own, appeal }: Props) =>
  maskedParts(message).map((part) =>
    part.kind === 'text' ? (
      <RichText key={part.at} text={part.text} />
    ) : (
      <MaskPill key={part.at} thread={thread} offset={message.offset} category={part.category} own={own} appeal={appeal} />
    ),
  );
