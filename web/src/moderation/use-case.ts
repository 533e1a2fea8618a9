/** One case with its text: claimed while it is on screen, and asked for again when somebody else has done something to it. */
import { useCallback, useEffect, useState } from 'react';
import { type CaseDetails, type ModerationCase, ProtocolError } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';

export interface OpenCase {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly details: CaseDetails | null;
  readonly error: string | null;
  reload(): void;
  /** What a request of one's own answered. */
  settle(changed: ModerationCase): void;
}

/** Well within the time that a claim lasts. */
const RENEW_MS = 4 * 60_000;

export const useCase = (caseId: string): OpenCase => {
  const { client } = useParley();
  const me = useMe();
  const isOnline = useReadable(client.connection).status === 'online';
  const [details, setDetails] = useState<CaseDetails | null>(null);
  const [error, setError] = useState<string | null>(null);

  const settle = useCallback((changed: ModerationCase) => setDetails((shown) => shown && { ...shown, case: changed }), []);

  const claim = useCallback((claimed: boolean) => client.request('moderation.claim', { caseId, claimed }), [client, caseId]);

  const reload = useCallback(() => {
    client.request('moderation.get', { caseId }).then(
      async (next) => {
        setDetails(next);
        setError(null);
        if (next.case.state === 'waiting') settle((await claim(true)).case);
      },
      (reason: unknown) => setError(reason instanceof ProtocolError ? reason.message : 'The connection may be slow or down.'),
    );
  }, [client, caseId, claim, settle]);

  useEffect(() => {
    if (isOnline) reload();
  }, [isOnline, reload]);

  const shown = details?.case;
  const isMine = shown?.state === 'waiting' && shown.claim?.moderatorId === me.userId;
  useEffect(() => {
    if (!isMine) return undefined;
    const timer = setInterval(
      () =>
        claim(true).then(
          ({ case: next }) => settle(next),
          () => {},
        ),
      RENEW_MS,
    );
    return () => {
      clearInterval(timer);
      claim(false).catch(() => {});
    };
  }, [isMine, claim, settle]);

  // Reading a case is noted, so it is read again only when it stands elsewhere; whose it is, a claim tells.
  useEffect(
    () =>
      client.onQueue((change) => {
        if (change.caseId !== caseId || shown === undefined) return;
        if (change.list !== shown.list) reload();
        else if (shown.state === 'waiting' && !isMine)
          claim(true).then(
            ({ case: next }) => settle(next),
            () => {},
          );
      }),
    [client, caseId, shown, isMine, reload, claim, settle],
  );

  return { status: details !== null ? 'ready' : error !== null ? 'failed' : 'loading', details, error, reload, settle };
};
