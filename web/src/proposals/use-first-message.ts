/** Sending the first message about a proposal, once for each text, however often it is tried. */
import { useRef, useState } from 'react';
import { uuid } from '../../../client/uuid.ts';
import { ProtocolError } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';

interface FirstMessage {
  readonly body: string;
  setBody(body: string): void;
  readonly isSending: boolean;
  readonly error: string | null;
  send(): Promise<void>;
}

export const useFirstMessage = (proposalId: string, onOpened: (threadId: string) => void): FirstMessage => {
  const { client } = useParley();
  const [body, setBody] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  /** One for each text, so that a retry of the same text sends it once. */
  const attempt = useRef({ body: '', clientMessageId: '' });

  const send = async (): Promise<void> => {
    const text = body.trim();
    if (text === '' || isSending) return;
    if (attempt.current.body !== text) attempt.current = { body: text, clientMessageId: uuid() };
    setIsSending(true);
    setError(null);
    try {
      const { threadId } = await client.messageProposal(proposalId, text, attempt.current.clientMessageId);
      onOpened(threadId);
    } catch (refusal) {
      setError(refusal instanceof ProtocolError ? refusal.message : 'The message could not be sent. Try again.');
      setIsSending(false);
    }
  };

  return { body, setBody, isSending, error, send };
};
