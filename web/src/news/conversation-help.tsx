/** The notes of a conversation: staying safe below its header until a contract starts, and sharing files at its composer. */
import { contractStateOf, type ThreadSummary } from '../../../protocol/index.ts';
import css from './conversation-help.module.css';
import { HelpNote, useIsAway } from './help-note.tsx';

type Of = Pick<ThreadSummary, 'kind' | 'contracts'>;

/** Among people who know each other from their work it would only be in the way. */
const isBeforeContract = ({ kind, contracts }: Of): boolean => kind !== 'group' && contractStateOf(contracts) === 'before';

export const StayingSafe = ({ thread }: { readonly thread: Of }) => {
  const isAway = useIsAway('staying-safe');
  return isAway || !isBeforeContract(thread) ? null : <HelpNote noteId="staying-safe" bar />;
};

export const ComposerHelp = ({ thread }: { readonly thread: Of }) => {
  const isAway = useIsAway('staying-safe');
  return (
    <div className={css.row}>
      <HelpNote noteId="sharing-files" />
      {isAway && isBeforeContract(thread) && <HelpNote noteId="staying-safe" />}
    </div>
  );
};
