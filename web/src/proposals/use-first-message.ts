/** Sending the first message about a proposal, once for each text, however often it is tried. */
import { useRef, useState } from 'react';
import { uuid } from '../../../client/uuid.ts';
import { type GuardFinding, MAX_BODY_LENGTH, ProtocolError } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';

export interface FirstMessage {
  readonly body: string;
  setBody(body: string): void;
  readonly isSending: boolean;
  readonly canSend: boolean;
  /** By so many characters. */
  readonly tooLong: number;
  /** Of the text as it stands. */
  readonly refusal: Refusal | null;
  send(): Promise<void>;
  /** Sends what is unconfirmed all the same. */
  confirm(): Promise<void>;
  /** Asks a moderator to let go what was blocked. */
  appeal(reason: string): Promise<void>;
}

interface Refusal {
  readonly text: string;
  readonly message: string;
  readonly findings: readonly GuardFinding[];
  /** failed: for another reason than what the guard found. */
  readonly state: 'unconfirmed' | 'blocked' | 'held' | 'failed';
  /** A moderator has decided. */
  readonly isFinal?: boolean;
}

export const useFirstMessage = (proposalId: string, onOpened: (threadId: string) => void): FirstMessage => {
  const { client } = useParley();
  const [body, setBody] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [refused, setRefused] = useState<Refusal | null>(null);
  /** One for each text, so that a retry of the same text sends it once. */
  const attempt = useRef({ body: '', clientMessageId: '' });
  const text = body.trim();
  const refusal = refused?.text === text ? refused : null;
  const tooLong = Math.max(0, text.length - MAX_BODY_LENGTH);
  const canSend = text !== '' && tooLong === 0;

  const post = async (confirmed: boolean): Promise<void> => {
    if (!canSend || isSending) return;
    if (attempt.current.body !== text) attempt.current = { body: text, clientMessageId: uuid() };
    setIsSending(true);
    setRefused(null);
    try {
      const { threadId } = await client.messageProposal(proposalId, text, attempt.current.clientMessageId, confirmed);
      onOpened(threadId);
    } catch (error) {
      setRefused(refusalOf(text, error));
      setIsSending(false);
    }
  };

  return {
    body,
    setBody,
    isSending,
    canSend,
    tooLong,
    refusal,
    send: () => post(false),
    confirm: () => post(true),
    async appeal(reason) {
      const { body: blocked, clientMessageId } = attempt.current;
      const { state, decisionReason } = await client.appealProposalMessage(
        proposalId,
        { clientMessageId, body: blocked },
        reason,
      );
      if (state === 'granted') await post(false);
      else if (state === 'waiting') setRefused((before) => before && { ...before, state: 'held' });
      else if (decisionReason !== null) setRefused((before) => before && { ...before, message: decisionReason, isFinal: true });
    },
  };
};

const refusalOf = (text: string, error: unknown): Refusal =>
  error instanceof ProtocolError
    ? {
        text,
        message: error.message,
        findings: error.details.findings ?? [],
        state: error.code === 'unconfirmed' || error.code === 'blocked' || error.code === 'held' ? error.code : 'failed',
      }
    : { text, message: 'The message could not be sent. Try again.', findings: [], state: 'failed' };
